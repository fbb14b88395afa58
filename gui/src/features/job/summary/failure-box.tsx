import { Link } from "@tanstack/react-router";
import type { JobView } from "@/api/client";
import { CopyButton } from "@/ui/copy-button";

/** Why the job failed: the exception and the traceback that Python printed. */
export function FailureBox({ job }: { job: JobView }) {
  const { error } = job;
  return (
    <section aria-label="Failure" className="card min-w-0 border-bad p-4">
      <h2 className="font-semibold break-words text-bad">
        <span aria-hidden="true">✕ </span>
        {error ? `${error.type}: ${error.message}` : (job.reason ?? "The job failed")}
      </h2>
      {error?.traceback && (
        <div className="relative mt-3">
          <pre
            // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard
            tabIndex={0}
            className="max-h-96 overflow-auto rounded-md bg-panel p-3 pr-9 font-mono text-xs leading-5"
          >
            {error.traceback}
          </pre>
          <div className="absolute top-1.5 right-1.5">
            <CopyButton text={error.traceback} label="the traceback" />
          </div>
        </div>
      )}
      <p className="mt-3 flex gap-4 text-mute">
        {job.exit_code !== null && <span>exit code {job.exit_code}</span>}
        <Link
          from="/projects/$project/jobs/$number"
          search={{ tab: "logs" }}
          className="text-accent underline"
        >
          Read the log
        </Link>
      </p>
    </section>
  );
}
