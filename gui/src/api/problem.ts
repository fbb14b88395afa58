interface ProblemFields {
  code: string;
  status: number;
  detail: string;
  requestId?: string;
}

/** What went wrong, in a sentence of the server's, with what one needs to find it in its log. */
export class ApiProblem extends Error {
  readonly code: string;
  readonly status: number;
  readonly requestId: string;

  constructor(fields: ProblemFields) {
    super(fields.detail);
    this.name = "ApiProblem";
    this.code = fields.code;
    this.status = fields.status;
    this.requestId = fields.requestId ?? "";
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** Reads an `application/problem+json` object; anything else is told by its HTTP status. */
export function toProblem(body: unknown, response: Response): ApiProblem {
  const fields = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  return new ApiProblem({
    code: text(fields["type"]).split("/").pop() || "http",
    status: response.status,
    detail: text(fields["detail"]) || `The server answered with HTTP status ${response.status}.`,
    requestId: text(fields["request_id"]) || (response.headers.get("x-request-id") ?? ""),
  });
}
