import { expect, it } from "vitest";
import { lastFinite, toChartData } from "./series-data";
import { formatLogTicks, formatTicks } from "./ticks";

it("sets NaN and the infinities aside as marks instead of hiding them", () => {
  const data = toChartData([0, 1, 2, 3], [1, "NaN", "Infinity", "-Infinity"], false);

  expect(data.values).toEqual([1, null, null, null]);
  expect(data.marks).toEqual([
    { step: 1, sign: "NaN" },
    { step: 2, sign: "∞" },
    { step: 3, sign: "−∞" },
  ]);
});

it("sorts points that arrived out of order by their step", () => {
  const data = toChartData([2, 0, 1], [20, 0, 10], false);

  expect(data.steps).toEqual([0, 1, 2]);
  expect(data.values).toEqual([0, 10, 20]);
});

it("counts what a log scale cannot show", () => {
  const data = toChartData([0, 1, 2], [0, -1, 5], true);

  expect(data.values).toEqual([null, null, 5]);
  expect(data.hiddenCount).toBe(2);
});

it("finds the last value that has a place on the axis", () => {
  expect(lastFinite(toChartData([0, 1], [0.5, "NaN"], false))).toBe(0.5);
});

it("draws nothing for a series without points", () => {
  expect(toChartData([], [], false)).toMatchObject({ steps: [], values: [], marks: [] });
});

it.each([
  [
    [0, 0.5, 1],
    ["0.0", "0.5", "1.0"],
  ],
  [
    [0.001, 0.0015, 0.002],
    ["0.0010", "0.0015", "0.0020"],
  ],
  [
    [0, 1000, 2000],
    ["0", "1000", "2000"],
  ],
  [
    [-1, 0],
    ["−1", "0"],
  ],
])("labels the ticks %j so that neighbours differ", (ticks, labels) => {
  expect(formatTicks(ticks)).toEqual(labels);
});

it("labels each tick of a log axis by itself", () => {
  expect(formatLogTicks([0.00001, 0.1, null, 20])).toEqual(["1e−5", "0.1", "", "20"]);
});
