import { queryOptions } from "@tanstack/react-query";
import { api, unwrap } from "./client";
import { SLOW_POLL_MS } from "./projects";

export const queueQuery = queryOptions({
  queryKey: ["queue"],
  queryFn: ({ signal }) => unwrap(api.GET("/api/v1/queue", { signal })),
  refetchInterval: SLOW_POLL_MS,
});

export function clearQueue(): Promise<{ count: number }> {
  return unwrap(api.POST("/api/v1/queue/clear", { body: { project: null } }));
}
