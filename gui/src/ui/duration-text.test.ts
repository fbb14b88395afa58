import { expect, it } from "vitest";
import { learnServerTime, serverNow } from "@/state/clock";
import { durationOf } from "./duration-text";

it("takes the server's duration for a job that is over", () => {
  const job = { status: "failed", started_at: "2026-11-24T09:00:00Z", duration_seconds: 12.5 };

  expect(durationOf(job, 0)).toBe(12.5);
});

it("counts by the given clock while a job runs", () => {
  const job = { status: "running", started_at: "2026-11-24T09:00:00Z", duration_seconds: 1 };
  const now = Date.parse("2026-11-24T09:02:00Z") / 1000;

  expect(durationOf(job, now)).toBe(120);
});

it("knows no duration of a job that never ran", () => {
  const job = { status: "stopped", started_at: null, duration_seconds: null };

  expect(durationOf(job, 1)).toBeNull();
});

it("follows the server's clock when the visitor's is hours off", () => {
  const own = Date.parse("2026-11-24T05:00:00Z");

  learnServerTime("Tue, 24 Nov 2026 09:00:00 GMT", own);

  expect(new Date(serverNow(own)).toISOString()).toBe("2026-11-24T09:00:00.500Z");
  learnServerTime(new Date().toUTCString());
});
