import { learnFrom, reach } from "./client";
import { toProblem } from "./problem";

export interface LogPiece {
  /** Where the bytes begin in the whole log. */
  start: number;
  bytes: Uint8Array;
  /** How many bytes before them are not kept. */
  missing: number;
  /** Length of the whole log as it is now. */
  size: number;
  isEnded: boolean;
}

function logUrl(id: string): string {
  return `/api/v1/jobs/${encodeURIComponent(id)}/log`;
}

export function logDownloadUrl(id: string): string {
  return `${logUrl(id)}?download=1`;
}

export type LogPlace = { offset: number } | { tail: number };

/** What follows a place now, at most a MiB; does not wait. */
export async function fetchLog(
  id: string,
  place: LogPlace,
  signal: AbortSignal,
): Promise<LogPiece> {
  const query = "offset" in place ? `offset=${place.offset}` : `tail=${place.tail}`;
  const url = new URL(`${logUrl(id)}?${query}&wait=0`, location.origin);
  const response = await reach(fetch(url, { signal }));
  learnFrom(response);
  if (!response.ok) throw toProblem(await response.json().catch(() => null), response);
  const start = response.headers.get("log-start");
  return {
    start: Number(start ?? ("offset" in place ? place.offset : 0)),
    missing: Number(response.headers.get("log-missing") ?? 0),
    bytes: new Uint8Array(await reach(response.arrayBuffer())),
    size: Number(response.headers.get("log-size") ?? 0),
    isEnded: response.headers.get("log-ended") === "true",
  };
}
