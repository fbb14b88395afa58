/** Eight colours that stay apart for every kind of colour vision, on light and on dark. */
export const PALETTE = [
  "#048ff4",
  "#c28a00",
  "#b80f79",
  "#476a4e",
  "#c50a00",
  "#594ddc",
  "#9d81a3",
  "#f94b77",
] as const;

/** A job's colour follows from its number, so that it is the same on every page. */
export function jobColor(number: number): string {
  return PALETTE[number % PALETTE.length] ?? PALETTE[0];
}
