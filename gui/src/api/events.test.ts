import { FakeEventSource } from "@test/fake-event-source";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { EventStream, type Hint, readHint } from "./events";

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const HINT: Hint = { topic: "job", id: "j1", project: "p", kind: "status" };

function openStream() {
  const stream = new EventStream();
  const resync = vi.fn();
  stream.onResync(resync);
  stream.open();
  FakeEventSource.last.accept();
  return { stream, resync };
}

it("passes hints on", () => {
  const { stream } = openStream();
  const taken: Hint[] = [];
  stream.onHintOf((hint) => taken.push(hint));

  FakeEventSource.last.send(HINT);

  expect(taken).toEqual([HINT]);
});

it("does not ask for everything again when it opens for the first time", () => {
  const { resync } = openStream();

  expect(resync).not.toHaveBeenCalled();
});

it("asks for what is shown again after a lost connection came back", () => {
  const { stream, resync } = openStream();

  FakeEventSource.last.fail(FakeEventSource.CONNECTING);
  expect(stream.state).toBe("lost");
  FakeEventSource.last.accept();

  expect(stream.state).toBe("live");
  expect(resync).toHaveBeenCalledOnce();
});

it("is offline after half a minute without a connection", () => {
  const { stream } = openStream();

  FakeEventSource.last.fail(FakeEventSource.CONNECTING);
  vi.advanceTimersByTime(30_000);

  expect(stream.state).toBe("offline");
});

it("opens a new stream when the browser has given up on the old one", () => {
  openStream();
  const first = FakeEventSource.last;

  first.fail(FakeEventSource.CLOSED);
  vi.advanceTimersByTime(2_000);

  expect(FakeEventSource.last).not.toBe(first);
});

it("gives the connection back while the page is hidden, and resyncs on return", () => {
  const { stream, resync } = openStream();
  const first = FakeEventSource.last;

  stream.pause();
  expect(first.readyState).toBe(FakeEventSource.CLOSED);
  stream.open();
  FakeEventSource.last.accept();

  expect(resync).toHaveBeenCalledOnce();
});

it.each(["", "{", "null", "[1]", '{"topic": 3}'])("ignores %j, which is no hint", (data) => {
  expect(readHint(data)).toBeNull();
});
