import createClient, { type Middleware } from "openapi-fetch";
import { learnServerTime } from "@/state/clock";
import { learnServerVersion } from "@/state/server-version";
import { ApiProblem, toProblem } from "./problem";
import type { components, paths } from "./schema";

export type JobView = components["schemas"]["JobView"];
export type JobPage = components["schemas"]["JobPage"];
export type JobStatus = components["schemas"]["JobStatus"];
export type JobError = components["schemas"]["JobError"];
export type MetricSummary = components["schemas"]["MetricSummary"];
export type ProjectView = components["schemas"]["ProjectView"];
export type ProjectPage = components["schemas"]["ProjectPage"];
export type FilterFault = components["schemas"]["FilterFault"];
export type Queue = components["schemas"]["Queue"];
export type ArtifactView = components["schemas"]["ArtifactView"];
export type Series = components["schemas"]["Series"];

const learning: Middleware = {
  onResponse({ response }) {
    learnFrom(response);
  },
};

/** Every answer tells the server's time and version; durations tick by that clock. */
export function learnFrom(response: Response): void {
  learnServerTime(response.headers.get("date"));
  learnServerVersion(response.headers.get("foundations-version"));
}

export const api = createClient<paths>({
  baseUrl: location.origin,
  // Looked up at each call, so that tests may replace it.
  fetch: (request) => globalThis.fetch(request),
});
api.use(learning);

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** Waits for an answer and returns its data, or throws an ApiProblem that a person can read. */
export async function unwrap<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await reach(call);
  if (!response.ok) throw toProblem(error, response);
  return data as T;
}

/** Turns "the network failed" into a problem with a sentence. */
export async function reach<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiProblem({ code: "unreachable", status: 0, detail: "The server does not answer." });
  }
}
