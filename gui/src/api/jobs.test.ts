import { QueryClient } from "@tanstack/react-query";
import { aJob } from "@test/samples";
import { server } from "@test/server";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import type { JobView } from "./client";
import { jobIdQuery } from "./jobs";

/** Serves a project's jobs, filtered as the server does. */
function serve(jobs: JobView[]) {
  server.use(
    http.get("*/api/v1/jobs", ({ request }) => {
      const number = Number(new URL(request.url).searchParams.get("number"));
      const items = jobs.filter((job) => job.number === number);
      return HttpResponse.json({ items, total: items.length, param_names: [], metric_names: [] });
    }),
  );
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => aJob({ number: count - index }));
const find = (number: string) =>
  new QueryClient({ defaultOptions: { queries: { retry: false } } }).fetchQuery(
    jobIdQuery("bird-songs", number),
  );

it("finds a job by its number in its project", async () => {
  serve(numbered(30));

  expect(await find("7")).toBe("job-7");
});

it("takes an id for what it is", async () => {
  expect(await find("434d7ae6-beef")).toBe("434d7ae6-beef");
});

it("says that there is no such job", async () => {
  serve(numbered(30));

  await expect(find("99")).rejects.toMatchObject({ status: 404, code: "unknown-job" });
});
