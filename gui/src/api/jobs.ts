import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { api, type JobPage, type JobView, unwrap } from "./client";
import { ApiProblem } from "./problem";
import { SLOW_POLL_MS } from "./projects";

export const PAGE_SIZE = 200;
const FIND_PAGE_SIZE = 500;
const NEAR_PAGE_SIZE = 20;

export const jobsQuery = (project: string) =>
  infiniteQueryOptions({
    queryKey: ["jobs", project],
    queryFn: ({ pageParam, signal }) => fetchPage(project, pageParam, PAGE_SIZE, signal),
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

/**
 * The list is newest first, so the number tells about where the job is; only deleted jobs and
 * ones that were reported late move it. Looks there first, and then everywhere.
 */
async function findJobId(project: string, number: number, signal: AbortSignal): Promise<string> {
  const first = await fetchPage(project, 0, NEAR_PAGE_SIZE, signal);
  const near = Math.max(0, first.total - number - NEAR_PAGE_SIZE / 2);
  const found =
    idOf(first, number) ??
    idOf(await fetchPage(project, near, NEAR_PAGE_SIZE, signal), number) ??
    (await scan(project, number, signal));
  if (found !== undefined) return found;
  const detail = `Project ${project} has no job #${number}. It may have been deleted.`;
  throw new ApiProblem({ code: "unknown-job", status: 404, detail });
}

async function scan(project: string, number: number, signal: AbortSignal) {
  for (let offset = 0; ; offset += FIND_PAGE_SIZE) {
    const page = await fetchPage(project, offset, FIND_PAGE_SIZE, signal);
    const id = idOf(page, number);
    if (id !== undefined || offset + FIND_PAGE_SIZE >= page.total) return id;
  }
}

function idOf(page: JobPage, number: number): string | undefined {
  return page.items.find((job) => job.number === number)?.id;
}

function fetchPage(project: string, offset: number, limit: number, signal: AbortSignal) {
  const query = { project, offset, limit };
  return unwrap(api.GET("/api/v1/jobs", { params: { query }, signal }));
}

export function stopJob(id: string): Promise<JobView> {
  return unwrap(api.POST("/api/v1/jobs/{job_id}/stop", { params: { path: { job_id: id } } }));
}

export function deleteJob(id: string): Promise<unknown> {
  return unwrap(api.DELETE("/api/v1/jobs/{job_id}", { params: { path: { job_id: id } } }));
}
