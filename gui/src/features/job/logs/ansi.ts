export interface Span {
  text: string;
  className: string;
}

// CSI sequences, OSC sequences (titles, links), and the other two-byte escapes.
// biome-ignore lint/suspicious/noControlCharactersInRegex: escapes are what it looks for
const ESCAPE = /\u001b(?:\[([0-9;:?]*)([@-~])|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\^_])/g;

const STYLES: Record<number, string> = { 1: "bold", 2: "dim", 3: "italic", 4: "underline" };
const STYLE_ENDS: Record<number, string[]> = {
  22: ["bold", "dim"],
  23: ["italic"],
  24: ["underline"],
};

/** Splits a line into spans by its colour codes; other escapes are dropped. Never makes HTML. */
export function splitAnsi(line: string): Span[] {
  const spans: Span[] = [];
  const style = new Set<string>();
  let at = 0;
  const push = (text: string) => {
    if (text) spans.push({ text, className: [...style].map((name) => `ansi-${name}`).join(" ") });
  };
  for (const match of line.matchAll(ESCAPE)) {
    push(line.slice(at, match.index));
    at = match.index + match[0].length;
    if (match[2] === "m") applyCodes(style, match[1] ?? "");
  }
  push(line.slice(at));
  return spans;
}

function applyCodes(style: Set<string>, text: string): void {
  const codes = text.split(/[;:]/).map(Number);
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    // 38;5;n and 38;2;r;g;b choose a colour of a larger palette: its numbers are no codes.
    if (code === 38 || code === 48) index += codes[index + 1] === 5 ? 2 : 4;
    else applyCode(style, code);
  }
}

function applyCode(style: Set<string>, code: number): void {
  if (code === 0) style.clear();
  if (STYLES[code]) style.add(STYLES[code]);
  for (const ended of STYLE_ENDS[code] ?? []) style.delete(ended);
  const isColor = (code >= 30 && code <= 37) || (code >= 90 && code <= 97);
  if (!isColor && code !== 39) return;
  for (const name of style) if (/^\d+$/.test(name)) style.delete(name);
  if (isColor) style.add(String(code >= 90 ? code - 60 : code));
}
