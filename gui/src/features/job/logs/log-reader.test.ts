import { answerLog, refuse, server } from "@test/server";
import { HttpResponse, http } from "msw";
import { expect, it } from "vitest";
import { LogReader, MAX_BYTES } from "./log-reader";

it("reads what is there, and later only what has been added", async () => {
  const log = { text: "a\nb\n", isEnded: false };
  answerLog(log);
  const reader = new LogReader("j1");

  await reader.pull();
  expect(reader.state.lines).toEqual(["a", "b"]);
  Object.assign(log, { text: "a\nb\nc\n", isEnded: true });
  await reader.pull();

  expect(reader.state.lines).toEqual(["a", "b", "c"]);
  expect(reader.state.isEnded).toBe(true);
});

it("joins a letter whose bytes arrive in two pieces", async () => {
  const bytes = new TextEncoder().encode("grüße\n");
  let size = 3; // in the middle of the ü
  server.use(
    http.get("*/log", ({ request }) => {
      const offset = Number(new URL(request.url).searchParams.get("offset"));
      const headers = { "Log-Size": String(size), "Log-Ended": "false" };
      return HttpResponse.arrayBuffer(bytes.slice(offset, size).buffer, { headers });
    }),
  );
  const reader = new LogReader("j1");

  await reader.pull();
  size = bytes.length;
  await reader.pull();

  expect(reader.state.lines).toEqual(["grüße"]);
});

it("shows the end of a log that is too large to hold", async () => {
  const size = MAX_BYTES + 1000;
  const asked: string[] = [];
  server.use(
    http.get("*/log", ({ request }) => {
      const query = new URL(request.url).searchParams;
      asked.push(query.has("tail") ? `tail=${query.get("tail")}` : `offset=${query.get("offset")}`);
      const start = query.has("tail") ? 1000 : Number(query.get("offset"));
      const text = query.has("tail") ? "end\n" : "";
      const headers = {
        "Log-Size": String(size),
        "Log-Start": String(start),
        "Log-Ended": "true",
      };
      return HttpResponse.text(text, { headers });
    }),
  );
  const reader = new LogReader("j1");

  await reader.pull();

  expect(reader.state.skippedBytes).toBe(1000);
  expect(reader.state.lines).toEqual(["end"]);
  expect(asked).toEqual([`tail=${MAX_BYTES}`, "offset=1004"]);
});

it("says how many bytes are not kept, where they are missing", async () => {
  server.use(
    http.get("*/log", ({ request }) => {
      const isFirst = new URL(request.url).searchParams.has("tail");
      const headers = isFirst
        ? { "Log-Size": "1020", "Log-Start": "0", "Log-Ended": "true" }
        : { "Log-Size": "1020", "Log-Start": "1016", "Log-Missing": "1012", "Log-Ended": "true" };
      return HttpResponse.text(isFirst ? "half" : "end\n", { headers });
    }),
  );
  const reader = new LogReader("j1");

  await reader.pull();

  expect(reader.state.lines).toEqual([
    "half",
    "[atlas] … 1012 bytes of output are not kept …",
    "end",
  ]);
});

it("keeps what it has when the server fails", async () => {
  const log = { text: "a\n", isEnded: false };
  answerLog(log);
  const reader = new LogReader("j1");
  await reader.pull();
  server.use(http.get("*/log", () => refuse(503, "The server is busy.")));

  await reader.pull();

  expect(reader.state.lines).toEqual(["a"]);
  expect(reader.state.error?.message).toBe("The server is busy.");
});
