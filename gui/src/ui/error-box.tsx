import { ApiProblem } from "@/api/problem";
import { CopyButton } from "./copy-button";

interface ErrorBoxProps {
  what: string;
  error: unknown;
  onRetry?: (() => void) | undefined;
}

/** What failed, why, and what to do about it. */
export function ErrorBox({ what, error, onRetry }: ErrorBoxProps) {
  const requestId = error instanceof ApiProblem ? error.requestId : "";
  return (
    <div role="alert" className="m-4 grid max-w-2xl gap-2 rounded-lg border border-bad p-4">
      <p className="font-semibold text-bad">
        <span aria-hidden="true">✕ </span>
        {what}
      </p>
      <p>{error instanceof Error ? error.message : String(error)}</p>
      <div className="flex flex-wrap items-center gap-3">
        {onRetry && (
          <button type="button" className="button" onClick={onRetry}>
            Try again
          </button>
        )}
        {requestId && (
          <span className="flex items-center gap-1 text-mute">
            request <code className="font-mono text-xs">{requestId}</code>
            <CopyButton text={requestId} label="the request id" />
          </span>
        )}
      </div>
    </div>
  );
}
