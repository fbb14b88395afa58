import { formatNumber } from "@/ui/format";

const MAX_DIGITS = 12;

/** Labels of an axis, with as many digits as it takes to tell neighbours apart. */
export function formatTicks(ticks: (number | null)[]): string[] {
  const numbers = ticks.filter((tick) => tick !== null);
  for (let digits = 0; digits <= MAX_DIGITS; digits += 1) {
    const labels = ticks.map((tick) => (tick === null ? "" : label(tick, digits)));
    const shown = labels.filter((text) => text !== "");
    if (new Set(shown).size === new Set(numbers).size && isClose(numbers, digits)) return labels;
  }
  return ticks.map((tick) => (tick === null ? "" : formatNumber(tick)));
}

function label(tick: number, digits: number): string {
  const size = Math.abs(tick);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) {
    return tick.toExponential(Math.min(digits, 3)).replace("e+", "e").replaceAll("-", "−");
  }
  return tick.toFixed(Math.min(digits, MAX_DIGITS)).replace("-", "−");
}

/** Whether so many digits say each number to within a hundredth of their spread. */
function isClose(numbers: number[], digits: number): boolean {
  const spread = Math.max(...numbers) - Math.min(...numbers);
  const isPlain = (size: number) => size >= 1e-3 && size < 1e6;
  return numbers.every((number) => {
    if (!isPlain(Math.abs(number))) return true;
    return Math.abs(Number(number.toFixed(digits)) - number) <= spread / 100;
  });
}
