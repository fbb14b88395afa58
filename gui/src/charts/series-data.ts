import { toNumber } from "@/ui/format";

/** A value that no line can pass through; drawn as a mark on the x axis. */
export interface Mark {
  step: number;
  sign: "NaN" | "∞" | "−∞";
}

export interface ChartData {
  steps: number[];
  values: (number | null)[];
  marks: Mark[];
  /** Values that a log scale cannot show. */
  hiddenCount: number;
}

/** Turns the points of a series into what the chart draws: sorted, specials set aside. */
export function toChartData(steps: number[], values: unknown[], isLog: boolean): ChartData {
  const order = sortedOrder(steps);
  const data: ChartData = { steps: [], values: [], marks: [], hiddenCount: 0 };
  for (const index of order) {
    const step = steps[index];
    const value = toNumber(values[index]);
    if (step === undefined) continue;
    data.steps.push(step);
    data.values.push(plotted(step, value, isLog, data));
  }
  return data;
}

function plotted(step: number, value: number | null, isLog: boolean, data: ChartData) {
  if (value === null) return null;
  if (!Number.isFinite(value)) {
    data.marks.push({ step, sign: signOf(value) });
    return null;
  }
  if (isLog && value <= 0) {
    data.hiddenCount += 1;
    return null;
  }
  return value;
}

function signOf(value: number): Mark["sign"] {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "∞" : "−∞";
}

/** The indices by step. Most series are sorted already; equal steps keep their order. */
function sortedOrder(steps: number[]): number[] {
  const order = steps.map((_, index) => index);
  const isSorted = steps.every((step, index) => index === 0 || step >= (steps[index - 1] ?? 0));
  return isSorted ? order : order.sort((a, b) => (steps[a] ?? 0) - (steps[b] ?? 0));
}

/** The last value that has a place on the axis. */
export function lastFinite(data: ChartData): number | null {
  return data.values.findLast((value) => value !== null) ?? null;
}
