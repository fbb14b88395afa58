import { expect, it } from "vitest";
import { clampCell, moveFocus } from "./grid-keys";

const at = (row: number, column: number) => ({ row, column });

it.each([
  ["ArrowDown", at(0, 0), at(1, 0)],
  ["ArrowUp", at(0, 2), at(-1, 2)],
  ["ArrowUp", at(-1, 2), at(-1, 2)],
  ["ArrowRight", at(3, 4), at(3, 4)],
  ["ArrowLeft", at(3, 0), at(3, 0)],
  ["End", at(3, 0), at(3, 4)],
  ["Home", at(3, 4), at(3, 0)],
  ["PageDown", at(5, 1), at(9, 1)],
  ["PageUp", at(5, 1), at(0, 1)],
])("%s leads from %j to %j in a grid of 10 by 5", (key, from, to) => {
  expect(moveFocus(key, false, from, 10, 5)).toEqual(to);
});

it("goes to the first and the last cell with Control", () => {
  expect(moveFocus("Home", true, at(3, 3), 10, 5)).toEqual(at(0, 0));
  expect(moveFocus("End", true, at(3, 3), 10, 5)).toEqual(at(9, 4));
});

it("leaves other keys to the page", () => {
  expect(moveFocus("a", false, at(0, 0), 10, 5)).toBeNull();
});

it("finds a place when the rows under the focus are gone", () => {
  expect(clampCell(at(200, 9), 3, 5)).toEqual(at(2, 4));
});
