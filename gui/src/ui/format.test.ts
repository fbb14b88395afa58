import { describe, expect, it } from "vitest";
import {
  cutMiddle,
  exactValue,
  formatBytes,
  formatDuration,
  formatIsoLocal,
  formatMetric,
  formatNumber,
  formatTime,
  formatValue,
} from "./format";

describe("numbers", () => {
  it.each([
    [0.65265321, "0.65265"],
    [-0.5, "−0.5"],
    [0, "0"],
    [0.0000521, "5.210e−5"],
    [12_345_678, "1.235e7"],
    [-0.00012, "−1.200e−4"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "∞"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])("%d is shown as %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it("keeps every digit of a whole number", () => {
    expect(formatNumber(123_456)).toBe("123456");
  });
});

describe("values", () => {
  it.each([
    [null, "–"],
    [undefined, "–"],
    [true, "true"],
    ["adam", "adam"],
    [[8, 4], "[8, 4]"],
    [{ a: 1 }, '{"a":1}'],
  ])("%j is shown as %s", (value, text) => {
    expect(formatValue(value)).toBe(text);
  });

  it("cuts a list after twenty items and counts the rest", () => {
    const text = formatValue(Array.from({ length: 32 }, () => 1));

    expect(text).toMatch(/, … \+12\]$/);
  });

  it("shows a metric's spelt special number as that number", () => {
    expect(formatMetric("-Infinity", "number")).toBe("−∞");
  });

  it("leaves a text metric that happens to say NaN alone", () => {
    expect(formatMetric("NaN", "text")).toBe("NaN");
    expect(formatMetric("Infinity", "text")).toBe("Infinity");
  });

  it("tells the exact value for hovering", () => {
    expect(exactValue(0.1234567890123)).toBe("0.1234567890123");
  });
});

describe("durations and sizes", () => {
  it.each([
    [null, "–"],
    [0.25, "0.25 s"],
    [45.34, "45.3 s"],
    [184, "3m 4s"],
    [3725, "1h 2m"],
    [90_000, "1d 1h"],
  ])("%s seconds are shown as %s", (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [1536, "1.5 KiB"],
    [48_213, "47.1 KiB"],
    [4_402_341_478, "4.1 GiB"],
  ])("%d bytes are shown as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("moments", () => {
  const now = new Date("2026-11-24T12:00:00Z");

  it("are shown in the visitor's zone", () => {
    expect(formatTime("2026-11-24T09:32:00Z", now)).toBe("24 Nov 10:32");
  });

  it("name the year when it is another", () => {
    expect(formatTime("2025-07-01T09:32:00Z", now)).toBe("1 Jul 2025 11:32");
  });

  it("tell the zone's offset on hovering", () => {
    expect(formatIsoLocal("2026-11-24T09:32:05Z")).toBe("2026-11-24 10:32:05 +01:00");
  });

  it("are passed through when they are none", () => {
    expect(formatTime("soon", now)).toBe("soon");
  });
});

it("cuts a long name in the middle", () => {
  expect(cutMiddle("a-very-long-name-of-a-project", 11)).toBe("a-ver…oject");
});
