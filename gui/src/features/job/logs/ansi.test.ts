import { expect, it } from "vitest";
import { splitAnsi } from "./ansi";

const ESC = "\u001b";

it("gives plain text in one span", () => {
  expect(splitAnsi("epoch 1")).toEqual([{ text: "epoch 1", className: "" }]);
});

it("turns colours into classes", () => {
  expect(splitAnsi(`a ${ESC}[31mred${ESC}[0m b`)).toEqual([
    { text: "a ", className: "" },
    { text: "red", className: "ansi-31" },
    { text: " b", className: "" },
  ]);
});

it("adds bold to a colour and takes only the colour away", () => {
  const spans = splitAnsi(`${ESC}[1;32mok${ESC}[39m still bold${ESC}[22m`);

  expect(spans.map(({ className }) => className)).toEqual(["ansi-bold ansi-32", "ansi-bold"]);
});

it("shows a bright colour as that colour", () => {
  expect(splitAnsi(`${ESC}[91mx`)[0]?.className).toBe("ansi-31");
});

it("does not take the numbers of a larger palette for codes", () => {
  expect(splitAnsi(`${ESC}[38;5;1mx${ESC}[38;2;1;2;3my`)).toEqual([
    { text: "x", className: "" },
    { text: "y", className: "" },
  ]);
});

it("drops cursor moves, titles and links", () => {
  const line = `${ESC}[2K${ESC}[1A${ESC}]0;title\u0007done${ESC}]8;;http://x${ESC}\\`;

  expect(splitAnsi(line).map(({ text }) => text)).toEqual(["done"]);
});

it("keeps markup as text", () => {
  expect(splitAnsi("<img src=x onerror=alert(1)>")[0]?.text).toBe("<img src=x onerror=alert(1)>");
});
