import { FakeEventSource } from "@test/fake-event-source";
import { renderAt } from "@test/render-at";
import { aJob, aMetric, aProject } from "@test/samples";
import { answer, answerArtifacts, answerJobs, answerProjects, refuse } from "@test/server";
import { act, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";
import type { JobView } from "@/api/client";

const PAGE = "/projects/bird-songs/jobs";

beforeEach(() => {
  answerProjects([aProject()]);
  answerArtifacts([]);
});

function answerWith(items: JobView[]): void {
  answerJobs({ items, total: items.length, param_names: ["lr"], metric_names: ["loss"] });
}

const THREE = [
  aJob({ number: 3, status: "running", params: { lr: 0.1 }, metrics: [aMetric({ last: 0.5 })] }),
  aJob({ number: 2, status: "failed", params: { lr: 0.01 }, metrics: [aMetric({ last: "NaN" })] }),
  aJob({ number: 1, tags: { baseline: "", model: "svm", extra: "" } }),
];

const rows = () => document.querySelectorAll("[data-class=job-table-row]");
const names = () => [...rows()].map((row) => row.querySelector("a")?.textContent);

it("is a grid that tells its size, its sort and where each row is", async () => {
  answerWith(THREE);
  renderAt(`${PAGE}?sort=-param.lr`);

  const grid = await screen.findByRole("grid", { name: "Jobs of bird-songs" });

  expect(grid).toHaveAttribute("aria-rowcount", "5");
  expect(grid).toHaveAttribute("aria-colcount", "8");
  expect(screen.getByRole("columnheader", { name: "lr" })).toHaveAttribute(
    "aria-sort",
    "descending",
  );
  expect(screen.getByRole("columnheader", { name: "loss" })).toHaveAttribute("aria-sort", "none");
  expect(rows()[0]).toHaveAttribute("aria-rowindex", "3");
});

it("shows parameters and the last value of metrics, and a dash for what is missing", async () => {
  answerWith(THREE);
  renderAt(PAGE);
  await screen.findByRole("grid");

  const cells = [...rows()].map((row) => within(row as HTMLElement).getAllByRole("gridcell"));

  expect(cells.map((row) => [row[6]?.textContent, row[7]?.textContent])).toEqual([
    ["0.1", "0.5"],
    ["0.01", "NaN"],
    ["–", "–"],
  ]);
});

it("says a status in words and a sign, never by colour alone", async () => {
  answerWith([aJob({ status: "failed" })]);
  renderAt(PAGE);

  const badge = await waitFor(() => {
    const found = document.querySelector("[data-class=job-status-failed]");
    if (!found) throw new Error("not yet");
    return found;
  });

  expect(badge).toHaveTextContent("✕failed");
});

it("never shows a status that it does not know as done", async () => {
  answerWith([aJob({ status: "evicted" as JobView["status"] })]);
  renderAt(PAGE);

  expect(await screen.findByText("evicted")).toHaveTextContent("?evicted");
});

it("shows two tags and counts the rest", async () => {
  answerWith(THREE);
  renderAt(PAGE);

  expect(await screen.findByText("model=svm")).toBeVisible();
  expect(screen.getByText("+1")).toHaveAttribute("title", "extra");
});

it("sorts by a header, and keeps the sort in the address", async () => {
  answerWith(THREE);
  const { user, router } = renderAt(PAGE);
  const header = await screen.findByRole("columnheader", { name: "lr" });

  await user.click(within(header).getByRole("button"));
  await user.click(within(header).getByRole("button"));

  await waitFor(() => expect(router.state.location.search).toEqual({ sort: "param.lr" }));
  expect(names()).toEqual(["amber-heron-2", "amber-heron-3", "amber-heron-1"]);
});

it("has one tab stop, and arrow keys move it", async () => {
  answerWith(THREE);
  const { user } = renderAt(PAGE);
  const grid = await screen.findByRole("grid");
  const stops = () => [...grid.querySelectorAll<HTMLElement>('[tabindex="0"]')];
  expect(stops()).toHaveLength(1);

  act(() => stops()[0]?.focus());
  await user.keyboard("{ArrowDown}{ArrowRight}{ArrowRight}");

  expect(document.activeElement).toHaveAttribute("data-cell", "1:2");
  expect(stops()).toEqual([document.activeElement]);
});

it("sorts from the header row with Enter", async () => {
  answerWith(THREE);
  const { user, router } = renderAt(PAGE);
  const grid = await screen.findByRole("grid");
  act(() => grid.querySelector<HTMLElement>('[tabindex="0"]')?.focus());

  await user.keyboard("{ArrowUp}{ArrowRight}{Enter}");

  await waitFor(() => expect(router.state.location.search).toEqual({ sort: "-status" }));
});

it("opens the job with Enter", async () => {
  answerWith(THREE);
  const { user, router } = renderAt(PAGE);
  const grid = await screen.findByRole("grid");
  act(() => grid.querySelector<HTMLElement>('[tabindex="0"]')?.focus());

  await user.keyboard("{ArrowDown}{Enter}");

  await waitFor(() => expect(router.state.location.pathname).toBe(`${PAGE}/2`));
});

it("loads two hundred at a time, and more when asked", async () => {
  const items = Array.from({ length: 250 }, (_, index) => aJob({ number: 250 - index }));
  answerWith(items);
  const { user } = renderAt(PAGE);
  expect(await screen.findByText("200 of 250 jobs")).toBeVisible();

  await user.click(screen.getByRole("button", { name: "Load more" }));

  expect(await screen.findByText("250 of 250 jobs")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Load more" })).toBeNull();
});

it("shows a new job without a reload when the server hints at it", async () => {
  answerWith(THREE);
  renderAt(PAGE);
  await screen.findByRole("grid");
  act(() => FakeEventSource.last.accept());
  answerWith([aJob({ number: 4, status: "queued" }), ...THREE]);

  FakeEventSource.last.send({ topic: "job", id: "job-4", project: "bird-songs", kind: "created" });

  await waitFor(() => expect(names()[0]).toBe("amber-heron-4"));
});

it("leads back when the project does not exist", async () => {
  answer("get", "/jobs", () => refuse(404, "Project `nope` does not exist!"));

  renderAt("/projects/nope/jobs");

  expect(await screen.findByText("Project “nope” does not exist")).toBeVisible();
  expect(screen.getByRole("link", { name: "All projects" })).toBeVisible();
});

it("answers at the address that the original had", async () => {
  answerWith(THREE);
  const { router } = renderAt("/projects/bird-songs/job_listing");

  await screen.findByRole("grid");

  expect(router.state.location.pathname).toBe(PAGE);
});
