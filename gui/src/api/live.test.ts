import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Hint } from "./events";
import { LiveQueries, staleKeys } from "./live";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const hint = (part: Partial<Hint>): Hint => ({
  topic: "job",
  id: "j1",
  project: "p",
  kind: "metrics",
  ...part,
});
const keys = (part: Partial<Hint>) => staleKeys(hint(part)).map(({ key }) => key);

it("makes the job, its project's table and its series stale when metrics arrive", () => {
  expect(keys({ kind: "metrics" })).toEqual([
    ["jobs", "p"],
    ["job", "j1"],
    ["series", "j1"],
  ]);
});

it("makes projects and queue stale when a status changes", () => {
  expect(keys({ kind: "status" })).toEqual(expect.arrayContaining([["projects"], ["queue"]]));
});

it("leaves the queries alone when a log grows: its reader listens by itself", () => {
  expect(keys({ kind: "log" })).toEqual([]);
});

it("takes a change of a worker for a change of why jobs wait", () => {
  expect(keys({ topic: "worker" })).toEqual([["queue"], ["job"]]);
});

function watch() {
  const client = new QueryClient();
  const invalidate = vi.spyOn(client, "invalidateQueries");
  return { client, invalidate, live: new LiveQueries(client) };
}

it("gathers many hints into one refetch", () => {
  const { live, invalidate } = watch();

  for (let count = 0; count < 50; count += 1) live.take(hint({ kind: "params" }));
  vi.advanceTimersByTime(300);

  expect(invalidate.mock.calls.map(([filter]) => filter?.queryKey)).toEqual([
    ["jobs", "p"],
    ["job", "j1"],
  ]);
});

it("refetches a list at most once a second", () => {
  const { live, invalidate } = watch();

  for (let tick = 0; tick < 20; tick += 1) {
    live.take(hint({ kind: "params" }));
    vi.advanceTimersByTime(100);
  }
  const lists = invalidate.mock.calls.filter(([filter]) => filter?.queryKey?.[0] === "jobs");

  expect(lists.length).toBeLessThanOrEqual(2);
});

it("asks again after an answer that was under way when the hint came", async () => {
  const { client, live, invalidate } = watch();
  let finish = () => {};
  void client.fetchQuery({
    queryKey: ["job", "j1"],
    queryFn: () => new Promise<string>((resolve) => (finish = () => resolve("old"))),
  });

  live.take(hint({ kind: "params" }));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(invalidate).not.toHaveBeenCalledWith({ queryKey: ["job", "j1"], exact: true });
  finish();
  await vi.advanceTimersByTimeAsync(1_000);

  expect(invalidate).toHaveBeenCalledWith({ queryKey: ["job", "j1"], exact: true });
});
