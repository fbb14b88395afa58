import { expect, it } from "vitest";
import { toProblem } from "./problem";

it("takes the server's sentence, code and request id", () => {
  const body = { type: "/problems/unknown-job", detail: "No job.", request_id: "r1" };

  const problem = toProblem(body, new Response(null, { status: 404 }));

  expect(problem).toMatchObject({ message: "No job.", code: "unknown-job", requestId: "r1" });
  expect(problem.isNotFound).toBe(true);
});

it("names the status of an answer that is none of ours", () => {
  const problem = toProblem("<html>Bad gateway</html>", new Response(null, { status: 502 }));

  expect(problem.message).toBe("The server answered with HTTP status 502.");
});
