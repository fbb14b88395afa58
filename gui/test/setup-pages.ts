import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterAll, afterEach, beforeAll } from "vitest";
import { FakeEventSource } from "./fake-event-source";
import { standInForLayout } from "./layout";
import { server } from "./server";

Object.assign(globalThis, { EventSource: FakeEventSource });
standInForLayout();
// A busy machine takes its time; what does not come at all fails all the same.
configure({ asyncUtilTimeout: 10_000 });

beforeAll(() => server.listen({ onUnhandledRequest: "error" }));
afterEach(() => {
  cleanup();
  server.resetHandlers();
});
afterAll(() => server.close());
