import { Download } from "lucide-react";
import type { JobView } from "@/api/client";
import { logDownloadUrl } from "@/api/log";
import { EmptyState } from "@/ui/empty-state";
import { ErrorBox } from "@/ui/error-box";
import { formatBytes, formatCount } from "@/ui/format";
import { Skeleton } from "@/ui/skeleton";
import { isFinal } from "@/ui/status";
import { LogList } from "./log-list";
import type { LogState } from "./log-reader";
import { useLog } from "./use-log";

export function LogsTab({ job }: { job: JobView }) {
  const { state, reload } = useLog(job.id);
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex shrink-0 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-1.5 text-mute">
        <span>{formatCount(state.lines.length, "line")}</span>
        <span>{state.isEnded ? "ended" : "still growing"}</span>
        {state.skippedBytes > 0 && (
          <span>
            The first {formatBytes(state.skippedBytes)} are not shown; the download has them.
          </span>
        )}
        <a href={logDownloadUrl(job.id)} download={true} className="button ml-auto">
          <Download size={14} aria-hidden="true" />
          Download
        </a>
      </div>
      {state.error && (
        <ErrorBox what="Could not read the log." error={state.error} onRetry={reload} />
      )}
      <LogBody job={job} state={state} />
    </div>
  );
}

function LogBody({ job, state }: { job: JobView; state: LogState }) {
  if (state.lines.length > 0) {
    return <LogList state={state} ending={state.isEnded ? endingOf(job) : null} />;
  }
  if (state.error) return null;
  if (state.isLoading) return <Skeleton />;
  return (
    <EmptyState title={isFinal(job.status) ? "Nothing was printed" : "Nothing printed yet"}>
      <p className="text-mute">
        The job is {job.status}
        {job.reason ? `: ${job.reason}` : ""}.
      </p>
    </EmptyState>
  );
}

function endingOf(job: JobView): string | null {
  if (!isFinal(job.status)) return null;
  return job.exit_code === null ? job.status : `${job.status}, exit code ${job.exit_code}`;
}
