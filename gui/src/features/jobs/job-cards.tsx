import { Link } from "@tanstack/react-router";
import type { JobView } from "@/api/client";
import { DurationText } from "@/ui/duration-text";
import { formatMetric } from "@/ui/format";
import { JobChip } from "@/ui/job-chip";
import { StatusBadge } from "@/ui/status-badge";
import { TagList } from "@/ui/tag-list";
import { TimeText } from "@/ui/time-text";
import { type Column, metricOf } from "./columns";

const SHOWN_METRICS = 2;
const SHOWN_TAGS = 4;

/** The table on a phone: a card for each job with what one asks for first. */
export function JobCards({ jobs, columns }: { jobs: JobView[]; columns: Column[] }) {
  const metrics = columns.filter(({ group }) => group === "Metrics").slice(0, SHOWN_METRICS);
  return (
    <ul aria-label="Jobs" className="grid min-h-0 flex-1 content-start gap-2 overflow-auto p-3">
      {jobs.map((job) => (
        <li
          key={job.id}
          data-class="job-table-row"
          className="card relative grid gap-1.5 p-3 [contain-intrinsic-size:auto_90px] [content-visibility:auto]"
        >
          <div className="flex items-center gap-2">
            <JobChip number={job.number} />
            <Link
              to="/projects/$project/jobs/$number"
              params={{ project: job.project, number: String(job.number) }}
              className="min-w-0 truncate font-semibold after:absolute after:inset-0"
            >
              {job.name}
            </Link>
            <span className="ml-auto">
              <StatusBadge status={job.status} />
            </span>
          </div>
          <p className="flex flex-wrap gap-x-3 text-mute">
            <TimeText iso={job.started_at ?? job.created_at} />
            <DurationText job={job} />
          </p>
          <p className="num flex flex-wrap gap-x-3">
            {metrics.map((column) => (
              <MetricText key={column.id} job={job} name={column.label} />
            ))}
          </p>
          <TagList tags={job.tags} limit={SHOWN_TAGS} />
        </li>
      ))}
    </ul>
  );
}

function MetricText({ job, name }: { job: JobView; name: string }) {
  const metric = metricOf(job, name);
  if (!metric) return null;
  return (
    <span>
      <span className="text-mute">{name}</span> {formatMetric(metric.last, metric.kind)}
    </span>
  );
}
