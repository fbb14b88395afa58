import { renderAt } from "@test/render-at";
import { aProject } from "@test/samples";
import { answer, answerJobs, answerProjects, refuse } from "@test/server";
import { screen, within } from "@testing-library/react";
import { expect, it } from "vitest";

const card = async (name: string) => {
  const link = await screen.findByRole("link", { name });
  return link.closest("li") as HTMLElement;
};

it("shows each project with its counts, tags and last activity", async () => {
  const counts = { completed: 380, failed: 20, running: 2 };
  answerProjects([aProject({ job_count: 402, status_counts: counts, tags: ["baseline"] })]);

  renderAt("/");

  const project = within(await card("bird-songs"));
  expect(project.getByText("402 jobs")).toBeVisible();
  expect(project.getByText("380 completed")).toBeVisible();
  expect(project.getByText("20 failed")).toBeVisible();
  expect(project.getByText("baseline")).toBeVisible();
  expect(project.getByText("24 Nov 10:00")).toBeVisible();
});

it("says how the first project is made when there is none", async () => {
  answerProjects([]);

  renderAt("/projects");

  expect(await screen.findByText("No projects yet")).toBeVisible();
  expect(screen.getByText("foundations submit scheduler . main.py")).toBeVisible();
  expect(screen.getAllByRole("button", { name: "Copy the command" })).toHaveLength(3);
});

it("searches as one types, and keeps the search in the address", async () => {
  answerProjects([aProject(), aProject({ name: "digits" })]);
  const { user, router } = renderAt("/projects");

  await user.type(await screen.findByRole("searchbox", { name: "Search projects" }), "dig");

  expect(await screen.findByRole("link", { name: "digits" })).toBeVisible();
  expect(screen.queryByRole("link", { name: "bird-songs" })).toBeNull();
  expect(router.state.location.search).toEqual({ q: "dig" });
});

it("offers to clear a search that finds nothing", async () => {
  answerProjects([aProject()]);
  const { user } = renderAt("/projects?q=zebra");

  await user.click(await screen.findByRole("button", { name: "Clear search" }));

  expect(await screen.findByRole("link", { name: "bird-songs" })).toBeVisible();
});

it("shows the server's sentence and request id when loading fails, and tries again", async () => {
  answer("get", "/projects", () => refuse(500, "The disk is on fire.", "req-42"));
  const { user } = renderAt("/projects");
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("Could not load the projects.");
  expect(alert).toHaveTextContent("The disk is on fire.");
  expect(alert).toHaveTextContent("req-42");
  answerProjects([aProject()]);

  await user.click(screen.getByRole("button", { name: "Try again" }));

  expect(await screen.findByRole("link", { name: "bird-songs" })).toBeVisible();
});

it("leads to the project's jobs", async () => {
  answerProjects([aProject()]);
  answerJobs({ items: [], total: 0, param_names: [], metric_names: [] });
  const { user } = renderAt("/projects");

  await user.click(await screen.findByRole("link", { name: "bird-songs" }));

  expect(await screen.findByRole("heading", { name: "bird-songs" })).toBeVisible();
  expect(await screen.findByText("No jobs in this project")).toBeVisible();
});

it("says so when there is no page at an address", async () => {
  renderAt("/nowhere");

  expect(await screen.findByText("There is no page at this address")).toBeVisible();
});
