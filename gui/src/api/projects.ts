import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "./client";

const MAX_PROJECTS = 500;
export const SLOW_POLL_MS = 30_000; // a lost hint costs a delay, never a wrong page

export const projectsQuery = queryOptions({
  queryKey: ["projects"],
  queryFn: ({ signal }) =>
    unwrap(api.GET("/api/v1/projects", { params: { query: { limit: MAX_PROJECTS } }, signal })),
  refetchInterval: SLOW_POLL_MS,
});

export const projectQuery = (name: string) =>
  queryOptions({
    queryKey: ["projects", name],
    queryFn: ({ signal }) =>
      unwrap(api.GET("/api/v1/projects/{name}", { params: { path: { name } }, signal })),
  });
