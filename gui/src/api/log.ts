import { learnFrom, reach } from "./client";
import { toProblem } from "./problem";

export interface LogPiece {
  bytes: Uint8Array;
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

/** What follows `offset` now, at most a MiB; does not wait. */
export async function fetchLog(id: string, offset: number, signal: AbortSignal): Promise<LogPiece> {
  const url = new URL(`${logUrl(id)}?offset=${offset}&wait=0`, location.origin);
  const response = await reach(fetch(url, { signal }));
  learnFrom(response);
  if (!response.ok) throw toProblem(await response.json().catch(() => null), response);
  return {
    bytes: new Uint8Array(await reach(response.arrayBuffer())),
    size: Number(response.headers.get("log-size") ?? 0),
    isEnded: response.headers.get("log-ended") === "true",
  };
}
