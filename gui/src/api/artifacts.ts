import { queryOptions } from "@tanstack/react-query";
import { type ArtifactView, api, reach, unwrap } from "./client";
import { toProblem } from "./problem";

export const TEXT_PREVIEW_BYTES = 1 << 20;

export const artifactsQuery = (id: string) =>
  queryOptions({
    queryKey: ["job", id, "artifacts"],
    queryFn: ({ signal }) =>
      unwrap(
        api.GET("/api/v1/jobs/{job_id}/artifacts", { params: { path: { job_id: id } }, signal }),
      ),
  });

/** Where the bytes are. The content's hash is in it, so that a file saved again is shown anew. */
export function contentUrl(artifact: ArtifactView): string {
  return withQuery(artifact.url, `v=${artifact.sha256.slice(0, 16)}`);
}

export function downloadUrl(artifact: ArtifactView): string {
  return withQuery(artifact.url, "download=1");
}

function withQuery(url: string, query: string): string {
  const absolute = url.startsWith("/") ? url : `/${url}`;
  return `${absolute}${url.includes("?") ? "&" : "?"}${query}`;
}

/** The first MiB of a text artifact: a preview never loads more. */
export const textQuery = (artifact: ArtifactView) =>
  queryOptions({
    queryKey: ["text", artifact.sha256],
    queryFn: async ({ signal }) => {
      const headers = { Range: `bytes=0-${TEXT_PREVIEW_BYTES - 1}` };
      const response = await reach(fetch(contentUrl(artifact), { headers, signal }));
      if (!response.ok) throw toProblem(null, response);
      return response.text();
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
