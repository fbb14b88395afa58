import { expect, it } from "vitest";
import { jobColor, PALETTE } from "./color";

it("gives a job the same colour everywhere, by its number alone", () => {
  expect(jobColor(12)).toBe(jobColor(12 + PALETTE.length));
});

it("gives eight jobs in a row eight colours", () => {
  const colors = Array.from({ length: 8 }, (_, index) => jobColor(40 + index));

  expect(new Set(colors).size).toBe(8);
});

it.each(["#ffffff", "#0e1116"])("keeps every colour at 3 to 1 or more against %s", (ground) => {
  for (const color of PALETTE) {
    // The design rounds to one digit.
    expect(contrast(color, ground)).toBeGreaterThan(2.95);
  }
});

function luminance(hex: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: string, b: string): number {
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}
