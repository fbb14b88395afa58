import { afterAll, afterEach, beforeAll } from "vitest";
import { FakeEventSource } from "./fake-event-source";
import { server } from "./server";

Object.assign(globalThis, {
  EventSource: FakeEventSource,
  location: new URL("http://localhost:3000/"),
});

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());
