import * as z from "zod/mini";

/** What each page keeps in its address. A part that does not parse falls back by itself. */
const text = (fallback: string) => z.catch(z._default(z.string(), fallback), fallback);
const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.catch(z._default(z.enum(values), values[0]), values[0]);

export const projectsDefaults = { q: "" };
export const projectsSearch = z.object({ q: text("") });

export const jobsDefaults = { sort: "", filter: "" };
export const jobsSearch = z.object({ sort: text(""), filter: text("") });

export const JOB_TABS = ["summary", "charts", "logs", "artifacts"] as const;
export type JobTab = (typeof JOB_TABS)[number];
export const SCALES = ["linear", "log"] as const;

export const jobDefaults = { tab: "summary" as JobTab, y: "linear" as const, file: "" };
export const jobSearch = z.object({ tab: choice(JOB_TABS), y: choice(SCALES), file: text("") });

export interface Sort {
  column: string;
  isDescending: boolean;
}

/** `-param.lr` → descending by `param.lr`; the empty text is no sort of one's own. */
export function decodeSort(code: string): Sort | null {
  const isDescending = code.startsWith("-");
  const column = isDescending ? code.slice(1) : code;
  return column === "" ? null : { column, isDescending };
}

export function encodeSort(sort: Sort | null): string {
  return sort === null ? "" : `${sort.isDescending ? "-" : ""}${sort.column}`;
}

/** What a click on a header makes of the sort: descending, ascending, none. */
export function nextSort(sort: Sort | null, column: string): Sort | null {
  if (sort?.column !== column) return { column, isDescending: true };
  return sort.isDescending ? { column, isDescending: false } : null;
}
