import { aProject } from "@test/samples";
import { expect, it } from "vitest";
import { matchProjects } from "./match-projects";

const BIRDS = aProject({
  name: "bird-songs",
  tags: ["baseline"],
  updated_at: "2026-01-01T00:00:00Z",
});
const DIGITS = aProject({ name: "digits", tags: ["svm"], updated_at: "2026-02-01T00:00:00Z" });

it("puts what was used last first", () => {
  expect(matchProjects([BIRDS, DIGITS], "")).toEqual([DIGITS, BIRDS]);
});

it("finds by name and by tag, in any case", () => {
  expect(matchProjects([BIRDS, DIGITS], "BIRD")).toEqual([BIRDS]);
  expect(matchProjects([BIRDS, DIGITS], "svm")).toEqual([DIGITS]);
});

it("wants every word to match", () => {
  expect(matchProjects([BIRDS, DIGITS], "bird svm")).toEqual([]);
});
