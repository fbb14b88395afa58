import { aJob, aMetric } from "@test/samples";
import { expect, it } from "vitest";
import { buildColumns, sortJobs } from "./columns";

const withLoss = (number: number, last: unknown) =>
  aJob({ number, metrics: last === undefined ? [] : [aMetric({ last })] });

const NAMES = { param_names: ["lr", "name"], metric_names: ["loss", "name"] };

const numbersBy = (column: string, isDescending: boolean, values: unknown[]) => {
  const jobs = values.map((value, index) => withLoss(index + 1, value));
  const sorted = sortJobs(jobs, buildColumns(NAMES, jobs), { column, isDescending }, 0);
  return sorted.map(({ number }) => number);
};

it("keeps a parameter, a metric and an attribute of one name apart", () => {
  const ids = buildColumns(NAMES, []).map(({ id }) => id);

  expect(ids).toEqual(expect.arrayContaining(["name", "param.name", "metric.name"]));
  expect(new Set(ids).size).toBe(ids.length);
});

it("sorts what is missing last both ways", () => {
  expect(numbersBy("metric.loss", false, [2, undefined, 1])).toEqual([3, 1, 2]);
  expect(numbersBy("metric.loss", true, [2, undefined, 1])).toEqual([1, 3, 2]);
});

it("sorts NaN behind every number, and infinity as the number that it is", () => {
  expect(numbersBy("metric.loss", true, ["NaN", 1, "Infinity", undefined])).toEqual([3, 2, 1, 4]);
});

it("sorts durations as times, not as texts", () => {
  const jobs = [90, 3600, 600].map((duration_seconds, number) =>
    aJob({ number, duration_seconds }),
  );

  const sorted = sortJobs(
    jobs,
    buildColumns(NAMES, jobs),
    { column: "duration", isDescending: true },
    0,
  );

  expect(sorted.map((job) => job.duration_seconds)).toEqual([3600, 600, 90]);
});

it("keeps the server's order for a column that is gone", () => {
  const jobs = [aJob({ number: 2 }), aJob({ number: 1 })];

  expect(
    sortJobs(jobs, buildColumns(NAMES, jobs), { column: "param.gone", isDescending: true }, 0),
  ).toBe(jobs);
});

it("aligns a column as numbers only when all its values are", () => {
  const jobs = [aJob({ params: { lr: 0.1, name: "a" } }), aJob({ params: { lr: "NaN", name: 3 } })];

  const numeric = buildColumns(NAMES, jobs).filter(
    ({ group, isNumeric }) => group === "Parameters" && isNumeric,
  );

  expect(numeric.map(({ label }) => label)).toEqual(["lr"]);
});
