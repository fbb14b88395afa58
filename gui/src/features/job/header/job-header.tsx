import type { JobView } from "@/api/client";
import { CopyButton } from "@/ui/copy-button";
import { DurationText } from "@/ui/duration-text";
import { JobChip } from "@/ui/job-chip";
import { StatusBadge } from "@/ui/status-badge";
import { TagList } from "@/ui/tag-list";
import { TimeText } from "@/ui/time-text";
import { DeleteButton } from "./delete-button";
import { StopButton } from "./stop-button";

/** Which job this is, how it stands, and what can be done to it. */
export function JobHeader({ job }: { job: JobView }) {
  return (
    <header className="grid shrink-0 gap-1.5 px-4 pt-3 pb-2">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <JobChip number={job.number} />
        <h1 className="min-w-0 truncate text-lg font-semibold" title={job.name}>
          {job.name}
        </h1>
        <span className="num text-mute max-sm:hidden">#{job.number}</span>
        <span className="flex min-w-0 items-center gap-1 text-mute">
          <code className="truncate font-mono text-xs max-sm:hidden" title={job.id}>
            {job.id.slice(0, 8)}
          </code>
          <CopyButton text={job.id} label="the job's id" />
        </span>
        <div className="ml-auto flex gap-2">
          <StopButton job={job} />
          <DeleteButton job={job} />
        </div>
      </div>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1 text-mute">
        <span className="font-medium">
          <StatusBadge status={job.status} />
        </span>
        {job.reason && <span className="text-ink">{job.reason}</span>}
        <span>
          {job.started_at ? "started" : "submitted"}{" "}
          <TimeText iso={job.started_at ?? job.created_at} />
        </span>
        {job.started_at && <DurationText job={job} />}
        {job.user && <span>{job.user}</span>}
        {job.worker && <span>on {job.worker}</span>}
        <span data-class="job-details-tags">
          <TagList tags={job.tags} />
        </span>
      </div>
    </header>
  );
}
