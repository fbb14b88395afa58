import { FakeEventSource } from "@test/fake-event-source";
import { renderAt } from "@test/render-at";
import { aJob } from "@test/samples";
import { answer, answerQueue, refuse } from "@test/server";
import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";

const WAITING = aJob({
  number: 5,
  status: "queued",
  started_at: null,
  queue_position: 1,
  priority: 10,
  reason: "position 1: waits for 1 slot",
});
const RUNNING = aJob({ number: 4, status: "running" });

const region = (name: string) => within(screen.getByRole("region", { name }));

it("says what runs, what waits, and why", async () => {
  answerQueue({ running: [RUNNING], waiting: [WAITING] });

  renderAt("/queue");

  expect(await screen.findByRole("heading", { name: "Queue" })).toBeVisible();
  expect(await screen.findByText("position 1: waits for 1 slot")).toBeVisible();
  expect(region("Running").getByRole("link", { name: "amber-heron-4" })).toBeVisible();
  expect(region("Waiting").getByRole("link", { name: "amber-heron-5" })).toBeVisible();
  expect(region("Waiting").getByText("high")).toBeVisible();
});

it("says how many wait beside those that it shows", async () => {
  answerQueue({ running: [], waiting: [WAITING], waiting_total: 4321 });

  const { user } = renderAt("/queue");

  expect(await screen.findByText("The first 1 of 4,321 waiting jobs are shown.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Clear queue" }));
  expect(screen.getByText("Stop 4,321 waiting jobs?")).toBeVisible();
  expect(screen.getByText("and 4,320 more jobs")).toBeVisible();
});

it("says so when nothing runs and nothing waits", async () => {
  answerQueue({ running: [], waiting: [] });

  renderAt("/queue");

  expect(await screen.findByText("Nothing runs and nothing waits")).toBeVisible();
  expect(screen.getByRole("button", { name: "Clear queue" })).toBeDisabled();
});

it("stops a job and shows what is left", async () => {
  const stopped: string[] = [];
  answerQueue({ running: [], waiting: [WAITING, aJob({ number: 6, status: "queued" })] });
  answer("post", "/jobs/job-5/stop", () => {
    stopped.push("job-5");
    answerQueue({ running: [], waiting: [] });
    return Response.json(WAITING);
  });
  const { user } = renderAt("/queue");

  await user.click(await screen.findByRole("button", { name: "Stop amber-heron-5" }));

  expect(await screen.findByText("Nothing runs and nothing waits")).toBeVisible();
  expect(stopped).toEqual(["job-5"]);
});

it("says why a job could not be stopped", async () => {
  answerQueue({ running: [RUNNING], waiting: [] });
  answer("post", "/jobs/job-4/stop", () => refuse(409, "Job `job-4` has ended already."));
  const { user } = renderAt("/queue");

  await user.click(await screen.findByRole("button", { name: "Stop amber-heron-4" }));

  expect(await screen.findByRole("alert")).toHaveTextContent("has ended already");
});

it("clears the queue only after saying whose jobs go", async () => {
  let isCleared = false;
  answerQueue({ running: [RUNNING], waiting: [WAITING, aJob({ number: 6, user: "grace" })] });
  answer("post", "/queue/clear", () => {
    isCleared = true;
    return Response.json({ count: 2 });
  });
  const { user } = renderAt("/queue");

  await user.click(await screen.findByRole("button", { name: "Clear queue" }));
  const dialog = within(screen.getByRole("dialog", { name: "Stop 2 waiting jobs?" }));
  expect(dialog.getByText("1 job of grace")).toBeVisible();
  expect(isCleared).toBe(false);
  await user.click(dialog.getByRole("button", { name: "Clear the queue" }));

  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(isCleared).toBe(true);
});

it("keeps the queue when the dialog is cancelled", async () => {
  answerQueue({ running: [], waiting: [WAITING] });
  const { user } = renderAt("/queue");

  await user.click(await screen.findByRole("button", { name: "Clear queue" }));
  await user.click(screen.getByRole("button", { name: "Cancel" }));

  expect(screen.queryByRole("dialog")).toBeNull();
  expect(screen.getByRole("link", { name: "amber-heron-5" })).toBeVisible();
});

it("tells in the top bar whether changes appear by themselves", async () => {
  answerQueue({ running: [], waiting: [] });
  renderAt("/queue");
  await screen.findByText("Nothing runs and nothing waits");

  act(() => FakeEventSource.last.accept());
  expect(screen.getByText("Live")).toBeVisible();
  act(() => FakeEventSource.last.fail(FakeEventSource.CONNECTING));

  expect(screen.getByText("Catching up")).toBeVisible();
});
