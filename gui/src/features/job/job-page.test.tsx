import { FakeEventSource } from "@test/fake-event-source";
import { renderAt } from "@test/render-at";
import { aJob, aMetric, anArtifact, aProject } from "@test/samples";
import {
  answer,
  answerArtifacts,
  answerJob,
  answerJobs,
  answerLog,
  answerProjects,
  answerSeries,
} from "@test/server";
import { act, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, it, vi } from "vitest";

// jsdom has no canvas; what a chart is given is tested with its data.
vi.mock("uplot", () => ({
  default: class {
    over = document.createElement("div");
    setData() {}
    setSize() {}
    redraw() {}
    destroy() {}
  },
}));

const PAGE = "/projects/bird-songs/jobs/1";

beforeEach(() => {
  answerProjects([aProject()]);
  answerArtifacts([]);
  answerLog({ text: "", isEnded: true });
});

it("says which job it is and how it stands", async () => {
  answerJob(aJob({ status: "stopped", reason: "stopped by ada", tags: { model: "svm" } }));

  renderAt(PAGE);

  expect(await screen.findByRole("heading", { name: "amber-heron-1" })).toBeVisible();
  expect(screen.getByText("#1")).toBeVisible();
  expect(screen.getByText("stopped by ada")).toBeVisible();
  expect(screen.getByText("model=svm")).toBeVisible();
  expect(screen.getByText("1m 30s")).toBeVisible();
  expect(document.title).toBe("amber-heron-1 · bird-songs · Atlas");
});

it("shows the exception and the traceback of a failed job first", async () => {
  const error = {
    type: "ValueError",
    message: "bad lr",
    traceback: "Traceback …\nValueError: bad lr",
  };
  answerJob(aJob({ status: "failed", exit_code: 1, error }));

  renderAt(PAGE);

  const failure = within(await screen.findByRole("region", { name: "Failure" }));
  expect(failure.getByRole("heading", { name: /ValueError: bad lr/ })).toBeVisible();
  expect(failure.getByText(/^Traceback/)).toBeVisible();
  expect(document.title).toMatch(/^✕ /);
});

it("says why a queued job waits, and at which place", async () => {
  const reason = "needs 2 GPUs; the connected workers have 0";
  answerJob(aJob({ status: "queued", started_at: null, queue_position: 3, reason }));

  renderAt(PAGE);

  const waiting = within(await screen.findByRole("region", { name: "Why it waits" }));
  expect(waiting.getByText("Waiting at position 3")).toBeVisible();
  expect(waiting.getByText(reason)).toBeVisible();
});

it("lists parameters and metrics, rounded, with the exact value on hovering", async () => {
  answerJob(aJob({ params: { lr: 0.123456789 }, metrics: [aMetric({ max: "Infinity" })] }));

  renderAt(PAGE);

  expect(await screen.findByText("0.12346")).toHaveAttribute("title", "0.123456789");
  expect(within(screen.getByRole("region", { name: "Metrics" })).getByText("∞")).toBeVisible();
});

it("stops a running job and shows that it is stopping", async () => {
  const running = aJob({ status: "running", started_at: new Date().toISOString() });
  answerJob(running);
  answer("post", "/jobs/job-1/stop", () => Response.json({ ...running, reason: "stopping" }));
  const { user } = renderAt(PAGE);

  await user.click(await screen.findByRole("button", { name: "Stop" }));

  expect(await screen.findByRole("button", { name: "Stopping…" })).toBeDisabled();
});

it("asks before it stops a job that has run for long", async () => {
  answerJob(aJob({ status: "running", started_at: "2026-01-01T00:00:00Z" }));
  const { user } = renderAt(PAGE);

  await user.click(await screen.findByRole("button", { name: "Stop" }));

  expect(screen.getByRole("dialog", { name: "Stop amber-heron-1?" })).toBeVisible();
});

it("asks before a job that was started by hand is declared ended", async () => {
  answerJob(aJob({ status: "running", source: "local" }));
  const { user } = renderAt(PAGE);

  await user.click(await screen.findByRole("button", { name: "Declare ended" }));

  expect(screen.getByRole("dialog", { name: "Declare amber-heron-1 ended?" })).toBeVisible();
});

it("deletes only after naming what goes", async () => {
  let isDeleted = false;
  answerJob(aJob({ artifact_count: 1, log_bytes: 2048, metrics: [aMetric()] }));
  answerArtifacts([anArtifact({ size: 3 * 1024 * 1024 })]);
  answer("delete", "/jobs/job-1", () => {
    isDeleted = true;
    answerJobs({ items: [], total: 0, param_names: [], metric_names: [] });
    return new Response(null, { status: 204 });
  });
  const { user, router } = renderAt(PAGE);

  await user.click(await screen.findByRole("button", { name: "Delete" }));
  const dialog = within(screen.getByRole("dialog", { name: "Delete amber-heron-1?" }));
  expect(await dialog.findByText(/1 artifact \(3 MiB\)/)).toBeVisible();
  expect(dialog.getByText("2 KiB of log")).toBeVisible();
  expect(isDeleted).toBe(false);
  await user.click(dialog.getByRole("button", { name: "Delete the job" }));

  await waitFor(() => expect(router.state.location.pathname).toBe("/projects/bird-songs/jobs"));
  expect(isDeleted).toBe(true);
});

it("keeps the tab in the address, and moves between tabs by arrow keys", async () => {
  answerJob(aJob());
  const { user, router } = renderAt(PAGE);
  act(() => screen.queryByRole("tab", { name: "Summary" })?.focus());
  const summary = await screen.findByRole("tab", { name: "Summary" });
  act(() => summary.focus());

  await user.keyboard("{ArrowLeft}");

  await waitFor(() => expect(router.state.location.search).toEqual({ tab: "artifacts" }));
  expect(screen.getByRole("tab", { name: /Artifacts/ })).toHaveFocus();
});

it("draws a chart for each metric and tells its last value in words", async () => {
  answerJob(aJob({ metrics: [aMetric({ name: "accuracy" })] }));
  const [steps, values] = [
    [0, 1, 2],
    [0.5, 0.75, "NaN"],
  ];
  answerSeries((start) => ({
    job_id: "job-1",
    metric: "accuracy",
    kind: "number",
    start,
    total: 3,
    steps: steps.slice(start),
    times: steps.slice(start),
    values: values.slice(start),
  }));

  renderAt(`${PAGE}?tab=charts`);

  const chart = await screen.findByRole("img", { name: /^accuracy/ });
  expect(chart).toHaveAccessibleName(
    "accuracy: a line of 3 points from step 0 to 2, the last value is 0.75",
  );
  expect(screen.getByText("1 NaN from step 2")).toBeVisible();
});

it("shows new lines of the log while the job runs", async () => {
  const log = { text: "epoch 1\n\u001b[31mwarning\u001b[0m\n", isEnded: false };
  answerJob(aJob({ status: "running" }));
  answerLog(log);
  renderAt(`${PAGE}?tab=logs`);
  expect(await screen.findByText("warning")).toHaveClass("ansi-31");
  act(() => FakeEventSource.last.accept());

  log.text += "epoch 2\n";
  act(() =>
    FakeEventSource.last.send({ topic: "job", id: "job-1", project: "bird-songs", kind: "log" }),
  );

  expect(await screen.findByText("epoch 2")).toBeVisible();
  expect(screen.getByText("3 lines")).toBeVisible();
});

it("says that nothing was printed, and how the job stands", async () => {
  answerJob(aJob({ status: "queued", reason: "no worker is connected" }));

  renderAt(`${PAGE}?tab=logs`);

  expect(await screen.findByText("Nothing printed yet")).toBeVisible();
  expect(screen.getByText("The job is queued: no worker is connected.")).toBeVisible();
});

it("shows an image, and the next file when the arrow key asks for it", async () => {
  answerJob(aJob({ artifact_count: 2 }));
  answerArtifacts([
    anArtifact({ key: "confusion matrix" }),
    anArtifact({ key: "model", media_type: "application/octet-stream" }),
  ]);
  const { user, router } = renderAt(`${PAGE}?tab=artifacts`);
  expect(await screen.findByRole("img", { name: "confusion matrix" })).toBeVisible();
  act(() => screen.getByRole("button", { name: /^confusion matrix/ }).focus());

  await user.keyboard("{ArrowDown}");

  expect(await screen.findByText(/There is no preview/)).toBeVisible();
  expect(router.state.location.search).toMatchObject({ tab: "artifacts", file: "model" });
});

it("leads back to the project when the job is gone", async () => {
  answerJob(aJob({ number: 2 }));

  renderAt(PAGE);

  expect(await screen.findByText("Job #1 of “bird-songs” does not exist")).toBeVisible();
  expect(screen.getByRole("link", { name: "Jobs of bird-songs" })).toBeVisible();
});

it("finds the job by the short link that programs print", async () => {
  answerJob(aJob());
  const { router } = renderAt("/j/job-1");

  expect(await screen.findByRole("heading", { name: "amber-heron-1" })).toBeVisible();

  expect(router.state.location.pathname).toBe(PAGE);
});
