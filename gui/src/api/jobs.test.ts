import { QueryClient } from "@tanstack/react-query";
import { aJob } from "@test/samples";
import { server } from "@test/server";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import type { JobView } from "./client";
import { jobIdQuery } from "./jobs";

/** Serves a project's list, newest first, and counts what it is asked for. */
function serve(jobs: JobView[]): { asked: number } {
  const count = { asked: 0 };
  server.use(
    http.get("*/api/v1/jobs", ({ request }) => {
      count.asked += 1;
      const query = new URL(request.url).searchParams;
      const [offset, limit] = [Number(query.get("offset")), Number(query.get("limit"))];
      const items = jobs.slice(offset, offset + limit);
      return HttpResponse.json({ items, total: jobs.length, param_names: [], metric_names: [] });
    }),
  );
  return count;
}

const numbered = (count: number) =>
  Array.from({ length: count }, (_, index) => aJob({ number: count - index }));
const find = (number: string) =>
  new QueryClient({ defaultOptions: { queries: { retry: false } } }).fetchQuery(
    jobIdQuery("bird-songs", number),
  );

it("finds an old job of a large project with two small requests", async () => {
  const count = serve(numbered(3000));

  expect(await find("7")).toBe("job-7");
  expect(count.asked).toBe(2);
});

it("finds a job that deleted ones have moved far from its place", async () => {
  serve(numbered(1200).filter(({ number }) => number > 700 || number < 20));

  expect(await find("701")).toBe("job-701");
});

it("takes an id for what it is", async () => {
  expect(await find("434d7ae6-beef")).toBe("434d7ae6-beef");
});

it("says that there is no such job", async () => {
  serve(numbered(30));

  await expect(find("99")).rejects.toMatchObject({ status: 404, code: "unknown-job" });
});
