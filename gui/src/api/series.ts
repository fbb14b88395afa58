import { queryOptions } from "@tanstack/react-query";
import { api, type Series, unwrap } from "./client";

const PIECE = 50_000;

/** All points of a series so far. A refetch asks only for what follows those already here. */
export interface Points {
  kind: string;
  steps: number[];
  values: unknown[];
}

const NONE: Points = { kind: "number", steps: [], values: [] };

export const seriesQuery = (id: string, metric: string) =>
  queryOptions({
    queryKey: ["series", id, metric],
    queryFn: ({ client, queryKey, signal }) =>
      fetchTail(id, metric, client.getQueryData<Points>(queryKey) ?? NONE, signal),
    structuralSharing: false,
  });

async function fetchTail(
  id: string,
  metric: string,
  known: Points,
  signal: AbortSignal,
): Promise<Points> {
  let points = known;
  for (;;) {
    const start = points.steps.length;
    const query = { metric, start, limit: PIECE };
    const path = { job_id: id };
    const piece = await unwrap(
      api.GET("/api/v1/jobs/{job_id}/series", { params: { path, query }, signal }),
    );
    points = append(points, piece);
    if (piece.steps?.length === 0 || points.steps.length >= piece.total) return points;
  }
}

/** Joins a piece to the points before it. A series shorter than those began anew. */
export function append(points: Points, piece: Series): Points {
  const steps = piece.steps ?? [];
  if (piece.total < points.steps.length) return { ...NONE, kind: piece.kind };
  if (steps.length === 0) return points.steps.length === 0 ? { ...NONE, kind: piece.kind } : points;
  return {
    kind: piece.kind,
    steps: points.steps.concat(steps),
    values: points.values.concat(piece.values ?? []),
  };
}
