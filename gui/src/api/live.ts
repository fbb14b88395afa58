import type { QueryClient, QueryKey } from "@tanstack/react-query";
import type { EventStream, Hint } from "./events";

const FLUSH_MS = 250;
const LIST_MS = 1_000; // lists are large: once a second is live enough

interface Dirty {
  key: QueryKey;
  isExact: boolean;
  notBefore: number;
}

type Stale = Pick<Dirty, "key" | "isExact">;

const exact = (...key: string[]): Stale => ({ key, isExact: true });
const all = (...key: string[]): Stale => ({ key, isExact: false });

/** Which of the queries a hint makes stale. */
export function staleKeys(hint: Hint): Stale[] {
  if (hint.topic === "project") return [all("projects")];
  // Why a job waits changes with the queue and with the workers.
  if (hint.topic === "schedule") return []; // no page shows schedules; runs are told as jobs
  if (hint.topic !== "job") return [exact("queue"), all("job")];
  const { id, project, kind } = hint;
  if (kind === "log") return [];
  if (kind === "artifacts") return [all("job", id), all("jobs", project)];
  const keys = [all("jobs", project), exact("job", id)];
  if (kind === "metrics") return [...keys, all("series", id)];
  if (kind === "params") return keys;
  if (kind === "tags") return [...keys, all("projects")];
  return [...keys, all("projects"), exact("queue")];
}

/** Turns hints into refetches of what is shown: gathered, and never two of one thing at once. */
export class LiveQueries {
  private readonly dirty = new Map<string, Dirty>();
  private readonly flushedAt = new Map<string, number>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly client: QueryClient) {}

  connect(stream: EventStream): void {
    stream.onHintOf((hint) => this.take(hint));
    stream.onResync(() => void this.client.invalidateQueries());
  }

  take(hint: Hint): void {
    for (const stale of staleKeys(hint)) {
      const name = JSON.stringify(stale.key);
      const isList = stale.key[0] === "jobs" || stale.key[0] === "projects";
      const last = this.flushedAt.get(name) ?? 0;
      if (!this.dirty.has(name)) {
        this.dirty.set(name, { ...stale, notBefore: isList ? last + LIST_MS : 0 });
      }
    }
    this.schedule();
  }

  private schedule(): void {
    if (this.dirty.size === 0) return;
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.flush();
      this.schedule();
    }, FLUSH_MS);
  }

  private flush(): void {
    const now = Date.now();
    for (const [name, { key, isExact, notBefore }] of this.dirty) {
      const filter = { queryKey: key, exact: isExact };
      // An answer under way may be older than the hint; ask again once it is here.
      if (now < notBefore || this.client.isFetching(filter) > 0) continue;
      this.dirty.delete(name);
      this.flushedAt.set(name, now);
      void this.client.invalidateQueries(filter);
    }
  }
}
