import { renderAt } from "@test/render-at";
import { aJob, aProject } from "@test/samples";
import { answerArtifacts, answerFilters, answerJobs, answerProjects } from "@test/server";
import { fireEvent, screen, waitFor } from "@testing-library/react";
import { beforeEach, expect, it } from "vitest";

const PAGE = "/projects/bird-songs/jobs";

beforeEach(() => {
  answerProjects([aProject()]);
  answerArtifacts([]);
  const items = [aJob({ number: 2, status: "failed" }), aJob({ number: 1 })];
  answerJobs({ items, total: 2, param_names: [], metric_names: [] });
});

async function ask(text: string): Promise<void> {
  const box = await screen.findByRole("searchbox", { name: "Filter jobs" });
  fireEvent.change(box, { target: { value: text } });
  fireEvent.click(screen.getByRole("button", { name: "Filter" }));
}

it("puts a filter that is right into the address and asks the server with it", async () => {
  const asked = answerFilters({});
  const { router } = renderAt(`${PAGE}?sort=-created`);
  await screen.findByRole("grid");

  await ask("status = failed ");

  await waitFor(() =>
    expect(router.state.location.search).toMatchObject({
      filter: "status = failed",
      sort: "-created",
    }),
  );
  await waitFor(() => expect(asked).toContain("status = failed"));
});

it("underlines the fault of a filter and keeps the jobs that are shown", async () => {
  answerFilters({ message: "Did you mean `status`?", position: 0, length: 6 });
  const { router } = renderAt(PAGE);
  await screen.findByRole("grid");

  await ask("stauts = failed");

  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("Did you mean `status`?");
  expect(alert.querySelector("mark")).toHaveTextContent("stauts");
  expect(screen.getByRole("grid")).toBeVisible();
  expect(router.state.location.search).not.toHaveProperty("filter");
});

it("shows the filter of the address, and how to clear one that finds nothing", async () => {
  answerJobs({ items: [], total: 0, param_names: [], metric_names: [] });
  const { router } = renderAt(`${PAGE}?filter=user%20%3D%20nobody`);

  const box = await screen.findByRole("searchbox", { name: "Filter jobs" });
  fireEvent.click(await screen.findByRole("link", { name: "Clear the filter" }));

  expect(box).toHaveValue("user = nobody");
  await waitFor(() => expect(router.state.location.search).not.toHaveProperty("filter"));
});
