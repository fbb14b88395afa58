import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import type {
  ArtifactView,
  FilterFault,
  JobPage,
  JobView,
  ProjectView,
  Queue,
  Series,
} from "@/api/client";

/** The server that the tests' pages talk to; each test says what it answers. */
export const server = setupServer();

const at = (path: string) => `http://localhost:3000/api/v1${path}`;

export function answerProjects(items: ProjectView[]): void {
  server.use(
    http.get(at("/projects"), () => HttpResponse.json({ items, total: items.length })),
    http.get(at("/projects/:name"), ({ params }) => {
      const project = items.find(({ name }) => name === params["name"]);
      return project ? HttpResponse.json(project) : refuse(404, "There is no such project.");
    }),
  );
}

export function answerJobs(page: JobPage): void {
  server.use(
    http.get(at("/jobs"), ({ request }) => {
      const query = new URL(request.url).searchParams;
      const offset = Number(query.get("offset") ?? 0);
      const limit = Number(query.get("limit") ?? 100);
      const number = query.get("number");
      const found = page.items.filter((job) => number === null || job.number === Number(number));
      return HttpResponse.json({ ...page, items: found.slice(offset, offset + limit) });
    }),
    http.get(at("/jobs/:id"), ({ params }) => {
      const job = page.items.find(({ id }) => id === params["id"]);
      return job ? HttpResponse.json(job) : refuse(404, "There is no such job.");
    }),
  );
}

/** Takes every filter, or has the same fault to find with each; returns those that jobs got. */
export function answerFilters(fault: Partial<FilterFault>): string[] {
  const asked: string[] = [];
  const isRight = fault.message === undefined;
  server.use(
    http.post(at("/filter/check"), () =>
      HttpResponse.json({ clauses: [], fault: isRight ? null : fault, completions: [] }),
    ),
    http.get(at("/jobs"), ({ request }) => {
      const filter = new URL(request.url).searchParams.get("filter");
      if (filter !== null) asked.push(filter);
      return undefined; // the other handlers answer
    }),
  );
  return asked;
}

export function answerJob(job: JobView): void {
  answerJobs({ items: [job], total: 1, param_names: [], metric_names: [] });
}

export function answerQueue(queue: Pick<Queue, "running" | "waiting"> & Partial<Queue>): void {
  const totals = { running_total: queue.running.length, waiting_total: queue.waiting.length };
  server.use(http.get(at("/queue"), () => HttpResponse.json({ ...totals, ...queue })));
}

export function answerArtifacts(items: ArtifactView[]): void {
  server.use(http.get(at("/jobs/:id/artifacts"), () => HttpResponse.json({ items })));
}

export function answerSeries(series: (start: number) => Series): void {
  server.use(
    http.get(at("/jobs/:id/series"), ({ request }) => {
      const start = Number(new URL(request.url).searchParams.get("start") ?? 0);
      return HttpResponse.json(series(start));
    }),
  );
}

/** A log that a test may let grow: bytes from the offset asked for, and the two headers. */
export function answerLog(log: { text: string; isEnded: boolean }): void {
  server.use(
    http.get(at("/jobs/:id/log"), ({ request }) => {
      const bytes = new TextEncoder().encode(log.text);
      const offset = Number(new URL(request.url).searchParams.get("offset") ?? 0);
      const headers = { "Log-Size": String(bytes.length), "Log-Ended": String(log.isEnded) };
      return HttpResponse.arrayBuffer(bytes.slice(offset).buffer, { headers });
    }),
  );
}

export function answer(
  method: "get" | "post" | "delete",
  path: string,
  reply: () => Response,
): void {
  server.use(http[method](at(path), reply));
}

export function refuse(status: number, detail: string, requestId = "req-7f3a"): Response {
  const type = "/problems/some-code";
  return HttpResponse.json(
    { type, title: "Some code", status, detail, request_id: requestId },
    { status, headers: { "Content-Type": "application/problem+json" } },
  );
}
