import { act, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ApiProblem } from "@/api/problem";
import { Panel } from "./panel";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

type State = Parameters<typeof Panel<string>>[0]["query"];

function show(state: Partial<State>): void {
  const query = { data: undefined, error: null, isPending: true, refetch: vi.fn(), ...state };
  render(
    <Panel what="the song" query={query as State}>
      {(text) => <p>{text}</p>}
    </Panel>,
  );
}

const bars = () => document.querySelectorAll(".skeleton").length;

it("shows nothing for 150 ms, then a skeleton, then a word that it takes long", () => {
  show({});

  expect(bars()).toBe(0);
  act(() => vi.advanceTimersByTime(200));
  expect(bars()).toBeGreaterThan(0);
  expect(screen.queryByText("Still loading…")).toBeNull();
  act(() => vi.advanceTimersByTime(5_000));
  expect(screen.getByText("Still loading…")).toBeVisible();
});

it("keeps showing what was loaded when a refresh fails, and says so", () => {
  const error = new ApiProblem({ code: "x", status: 0, detail: "The server does not answer." });

  show({ data: "robin", error, isPending: false });

  expect(screen.getByText("robin")).toBeVisible();
  expect(screen.getByRole("alert")).toHaveTextContent("Could not refresh the song.");
});
