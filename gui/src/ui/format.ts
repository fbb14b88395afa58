const MINUS = "−";
const NONE = "–";
const MAX_LIST_ITEMS = 20;

const short = new Intl.NumberFormat("en", { maximumSignificantDigits: 5, useGrouping: false });
const counts = new Intl.NumberFormat("en");

const SPECIALS: Record<string, number> = {
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  "-Infinity": Number.NEGATIVE_INFINITY,
};

/** The number that a value of the wire stands for: JSON has no NaN, so it travels as a text. */
export function toNumber(value: unknown): number | null {
  if (typeof value === "number") return value;
  return typeof value === "string" ? (SPECIALS[value] ?? null) : null;
}

/** Five significant digits; powers of ten under 1e−3 and from 1e7; a true minus. */
export function formatNumber(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    return value.toExponential(3).replace("e+", "e").replaceAll("-", MINUS);
  }
  // A whole number stays whole: a seed of 123456 is not 123460.
  const text = Number.isInteger(value) ? String(value) : short.format(value);
  return text.replace("-", MINUS);
}

/** A parameter, a metric's value or a tag in one line. */
export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return NONE;
  if (typeof value === "number") return formatNumber(value);
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return formatList(value);
  if (typeof value === "object") return JSON.stringify(value);
  return String(value);
}

function formatList(items: unknown[]): string {
  const shown = items.slice(0, MAX_LIST_ITEMS).map(formatValue);
  const more = items.length - shown.length;
  return `[${shown.join(", ")}${more > 0 ? `, … +${more}` : ""}]`;
}

/** A metric's value: a text that spells a special number is shown as that number. */
export function formatMetric(value: unknown, kind: string): string {
  const number = kind === "number" ? toNumber(value) : null;
  return number === null ? formatValue(value) : formatNumber(number);
}

/** The value without rounding, for hovering and copying. */
export function exactValue(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
}

export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${counts.format(count)} ${count === 1 ? one : many}`;
}

export function formatInteger(value: number): string {
  return counts.format(value);
}

/** `1h 2m`, `3m 4s`, and `45.3 s` under a minute. */
export function formatDuration(seconds: number | null): string {
  if (seconds === null || seconds < 0) return NONE;
  if (seconds < 60) return `${seconds < 10 ? trim(seconds, 2) : trim(seconds, 1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m ${Math.floor(seconds % 60)}s`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours}h ${minutes % 60}m`;
  return `${Math.floor(hours / 24)}d ${hours % 24}h`;
}

function trim(value: number, digits: number): string {
  return String(Number(value.toFixed(digits)));
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : trim(value, value < 10 ? 2 : 1)} ${units[unit]}`;
}

const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
const pad = (value: number) => String(value).padStart(2, "0");

/** `24 Nov 10:32` in the visitor's zone; the year when it is another. */
export function formatTime(iso: string, now = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const year = at.getFullYear() === now.getFullYear() ? "" : ` ${at.getFullYear()}`;
  const clock = `${pad(at.getHours())}:${pad(at.getMinutes())}`;
  return `${at.getDate()} ${MONTHS[at.getMonth()]}${year} ${clock}`;
}

/** The same moment with seconds and the zone's offset. */
export function formatIsoLocal(iso: string): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const minutes = -at.getTimezoneOffset();
  const size = Math.abs(minutes);
  const zone = `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
  const day = `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())}`;
  return `${day} ${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())} ${zone}`;
}

export function formatAgo(seconds: number): string {
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${Math.floor(seconds)} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ago`;
  return `${formatCount(Math.floor(seconds / 86_400), "day")} ago`;
}

/** Cuts in the middle: the ends of names and paths tell them apart. */
export function cutMiddle(text: string, length: number): string {
  if (text.length <= length) return text;
  const head = Math.ceil((length - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (length - 1 - head))}`;
}
