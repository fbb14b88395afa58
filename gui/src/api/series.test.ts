import { QueryClient } from "@tanstack/react-query";
import { answerSeries } from "@test/server";
import { expect, it } from "vitest";
import { append, seriesQuery } from "./series";

const piece = (start: number, values: unknown[], total: number) => ({
  job_id: "j1",
  metric: "loss",
  kind: "number",
  start,
  total,
  steps: values.map((_, index) => start + index),
  times: values.map(() => 0),
  values,
});

it("adds a piece to the points before it", () => {
  const points = append({ kind: "number", steps: [0], values: [2] }, piece(1, [1, "NaN"], 3));

  expect(points).toEqual({ kind: "number", steps: [0, 1, 2], values: [2, 1, "NaN"] });
});

it("keeps the same points when nothing follows, so that nothing is drawn anew", () => {
  const points = { kind: "number", steps: [0], values: [2] };

  expect(append(points, piece(1, [], 1))).toBe(points);
});

it("begins anew when the series is shorter than what was known", () => {
  const points = append({ kind: "number", steps: [0, 1], values: [2, 1] }, piece(2, [], 1));

  expect(points.steps).toEqual([]);
});

it("asks only for what follows the points that are here", async () => {
  const client = new QueryClient();
  const starts: number[] = [];
  let all: number[] = [3, 2];
  answerSeries((start) => {
    starts.push(start);
    return piece(start, all.slice(start), all.length);
  });

  await client.fetchQuery(seriesQuery("j1", "loss"));
  all = [3, 2, 1];
  const points = await client.fetchQuery(seriesQuery("j1", "loss"));

  expect(starts).toEqual([0, 2]);
  expect(points.values).toEqual([3, 2, 1]);
});
