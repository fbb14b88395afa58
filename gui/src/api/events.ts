import { useSyncExternalStore } from "react";

/** "Something about this changed": says what, never carries the data. */
export interface Hint {
  topic: "job" | "project" | "queue" | "worker" | "schedule";
  id: string;
  project: string;
  kind: string;
}

export type Connection = "connecting" | "live" | "lost" | "offline";

const OFFLINE_AFTER_MS = 30_000;
const REOPEN_MS = 2_000;
const EVENTS_URL = "/api/v1/events";

type HintListener = (hint: Hint) => void;

/** The page's one event stream. Opens itself again, and then says so: hints were missed. */
export class EventStream {
  private source: EventSource | null = null;
  private timers: ReturnType<typeof setTimeout>[] = [];
  private readonly hintListeners = new Set<HintListener>();
  private readonly resyncListeners = new Set<() => void>();
  private readonly stateListeners = new Set<() => void>();
  private hasBeenLive = false;
  state: Connection = "connecting";
  lostAt: number | null = null;

  open(): void {
    if (this.source) return;
    const source = new EventSource(EVENTS_URL);
    this.source = source;
    source.onopen = () => this.onOpen();
    source.onerror = () => this.onError(source);
    source.addEventListener("hint", (event) => this.onHint(event as MessageEvent<string>));
  }

  /** A hidden tab gives its connection back: a browser has six for each server. */
  pause(): void {
    this.dropSource();
  }

  onHintOf(listener: HintListener): () => void {
    this.hintListeners.add(listener);
    return () => this.hintListeners.delete(listener);
  }

  onResync(listener: () => void): () => void {
    this.resyncListeners.add(listener);
    return () => this.resyncListeners.delete(listener);
  }

  onState = (listener: () => void): (() => void) => {
    this.stateListeners.add(listener);
    return () => this.stateListeners.delete(listener);
  };

  private onOpen(): void {
    this.clearTimers();
    this.lostAt = null;
    this.setState("live");
    if (this.hasBeenLive) for (const notify of this.resyncListeners) notify();
    this.hasBeenLive = true;
  }

  private onError(source: EventSource): void {
    if (this.lostAt === null) {
      this.lostAt = Date.now();
      this.setState("lost");
      this.timers.push(setTimeout(() => this.setState("offline"), OFFLINE_AFTER_MS));
    }
    if (source.readyState === EventSource.CLOSED) {
      // The browser gives up on an HTTP error, such as a proxy's 502; we do not.
      this.source = null;
      this.timers.push(setTimeout(() => this.open(), REOPEN_MS));
    }
  }

  private onHint(event: MessageEvent<string>): void {
    const hint = readHint(event.data);
    if (hint) for (const notify of this.hintListeners) notify(hint);
  }

  private setState(state: Connection): void {
    this.state = state;
    for (const notify of this.stateListeners) notify();
  }

  private clearTimers(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers = [];
  }

  private dropSource(): void {
    this.clearTimers();
    this.source?.close();
    this.source = null;
  }
}

/** Reads a hint; what is none is ignored, for a newer server may say more. */
export function readHint(data: string): Hint | null {
  try {
    const { topic, id, project, kind } = JSON.parse(data) as Record<string, unknown>;
    if (typeof topic !== "string" || typeof kind !== "string") return null;
    return {
      topic: topic as Hint["topic"],
      id: String(id ?? ""),
      project: String(project ?? ""),
      kind,
    };
  } catch {
    return null;
  }
}

export const events = new EventStream();

/** Opens the stream while the page is seen. */
export function watchVisibility(stream: EventStream): void {
  const follow = () => (document.hidden ? stream.pause() : stream.open());
  document.addEventListener("visibilitychange", follow);
  follow();
}

export function useConnection(): Connection {
  return useSyncExternalStore(events.onState, () => events.state);
}
