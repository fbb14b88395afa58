import { expect, it } from "vitest";
import { LineFolder } from "./line-folder";

function fold(...pieces: string[]): string[] {
  const folder = new LineFolder();
  for (const piece of pieces) folder.push(piece);
  return folder.lines;
}

it("splits at newlines and keeps empty lines", () => {
  expect(fold("a\n\nb\n")).toEqual(["a", "", "b"]);
});

it("joins a line that arrives in pieces", () => {
  expect(fold("epo", "ch 1", "\nepoch 2")).toEqual(["epoch 1", "epoch 2"]);
});

it("folds a progress bar into its last state", () => {
  expect(fold("10%\r20%\r100%\ndone\n")).toEqual(["100%", "done"]);
});

it("shows a progress bar that waits at the start of its line", () => {
  expect(fold("10%\r20%\r")).toEqual(["20%"]);
});

it("takes the line ends of Windows for line ends", () => {
  expect(fold("a\r\nb\r\n")).toEqual(["a", "b"]);
});

it("keeps a line whose line end is cut between two pieces", () => {
  expect(fold("abc\r", "\ndef")).toEqual(["abc", "def"]);
});

it("folds the same however the text is cut", () => {
  const text = "start\r\n1%\r50%\r99%\n\nend\r\rok";

  expect(fold(...text)).toEqual(fold(text));
});
