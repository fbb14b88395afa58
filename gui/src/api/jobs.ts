import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, type FilterFault, type JobPage, type JobView, unwrap } from "./client";
import { ApiProblem } from "./problem";
import { SLOW_POLL_MS } from "./projects";

export const PAGE_SIZE = 200;

/** The jobs of a project that a filter chooses; the last ones stay until the new ones are here. */
export const jobsQuery = (project: string, filter: string) =>
  infiniteQueryOptions({
    queryKey: filter === "" ? ["jobs", project] : ["jobs", project, filter],
    queryFn: ({ pageParam, signal }) => fetchPage(project, filter, pageParam, signal),
    placeholderData: (last, query) => (query?.queryKey[1] === project ? last : undefined),
    initialPageParam: 0,
    getNextPageParam: (last: JobPage, pages) => {
      const loaded = pages.length * PAGE_SIZE;
      return loaded < last.total ? loaded : null;
    },
    refetchInterval: SLOW_POLL_MS,
  });

export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: id } }, signal })),
    refetchInterval: SLOW_POLL_MS,
  });

/** The id behind `/projects/$project/jobs/$number`; an id in place of the number is taken too. */
export const jobIdQuery = (project: string, number: string) =>
  queryOptions({
    queryKey: ["job-id", project, number],
    queryFn: ({ signal }) =>
      /^\d+$/.test(number) ? findJobId(project, Number(number), signal) : Promise.resolve(number),
    staleTime: Number.POSITIVE_INFINITY,
  });

async function findJobId(project: string, number: number, signal: AbortSignal): Promise<string> {
  const query = { project, number, limit: 1 };
  const page = await unwrap(api.GET("/api/v1/jobs", { params: { query }, signal }));
  const [job] = page.items;
  if (job !== undefined) return job.id;
  const detail = `Project ${project} has no job #${number}. It may have been deleted.`;
  throw new ApiProblem({ code: "unknown-job", status: 404, detail });
}

function fetchPage(project: string, filter: string, offset: number, signal: AbortSignal) {
  const query = { project, offset, limit: PAGE_SIZE, ...(filter === "" ? {} : { filter }) };
  return unwrap(api.GET("/api/v1/jobs", { params: { query }, signal }));
}

/** What is wrong with a filter; null for one that is right. */
export async function findFault(project: string, text: string): Promise<FilterFault | null> {
  const answer = api.POST("/api/v1/filter/check", { body: { text, project, caret: null } });
  return (await unwrap(answer)).fault;
}

export function stopJob(id: string): Promise<JobView> {
  return unwrap(api.POST("/api/v1/jobs/{job_id}/stop", { params: { path: { job_id: id } } }));
}

export function deleteJob(id: string): Promise<unknown> {
  return unwrap(api.DELETE("/api/v1/jobs/{job_id}", { params: { path: { job_id: id } } }));
}
