import { formatNumber } from "@/ui/format";

const MAX_DIGITS = 12;

/** Labels of an axis: one notation for all, with the digits it takes to tell neighbours apart. */
export function formatTicks(ticks: (number | null)[]): string[] {
  const numbers = ticks.filter((tick) => tick !== null);
  const largest = Math.max(0, ...numbers.map(Math.abs));
  const isPlain = largest >= 1e-3 && largest < 1e6;
  const write = isPlain ? writePlain : writePower;
  for (let digits = 0; digits <= MAX_DIGITS; digits += 1) {
    if (numbers.every((tick) => isTrue(Number(write(tick, digits)), tick, largest))) {
      return ticks.map((tick) => (tick === null ? "" : write(tick, digits).replaceAll("-", "−")));
    }
  }
  return ticks.map((tick) => (tick === null ? "" : formatNumber(tick)));
}

/** Labels of a log axis: its ticks are far apart, so each is written by itself. */
export function formatLogTicks(ticks: (number | null)[]): string[] {
  return ticks.map((tick) => {
    if (tick === null) return "";
    const isPlain = tick >= 1e-3 && tick < 1e6;
    return isPlain ? String(Number(tick.toPrecision(3))) : writePower(tick, 0).replace("-", "−");
  });
}

function writePlain(tick: number, digits: number): string {
  return tick.toFixed(digits);
}

function writePower(tick: number, digits: number): string {
  return tick === 0 ? "0" : tick.toExponential(digits).replace("e+", "e");
}

/** Ticks are round numbers: what is read must be the tick, but for the noise of its arithmetic. */
function isTrue(read: number, tick: number, largest: number): boolean {
  return Math.abs(read - tick) <= largest * 1e-9;
}
