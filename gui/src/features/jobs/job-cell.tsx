import { Link } from "@tanstack/react-router";
import type { JobView } from "@/api/client";
import { DurationText } from "@/ui/duration-text";
import { exactValue, formatMetric, formatValue } from "@/ui/format";
import { JobChip } from "@/ui/job-chip";
import { StatusBadge } from "@/ui/status-badge";
import { TagList } from "@/ui/tag-list";
import { TimeText } from "@/ui/time-text";
import { type Column, metricOf, SHOWN_TAGS } from "./columns";

/** What one cell of the grid shows. */
export function JobCell({ job, column }: { job: JobView; column: Column }) {
  if (column.group === "Parameters") {
    const value = job.params[column.label];
    return <Exact text={formatValue(value)} exact={exactValue(value)} />;
  }
  if (column.group === "Metrics") {
    const metric = metricOf(job, column.label);
    if (!metric) return <>–</>;
    return <Exact text={formatMetric(metric.last, metric.kind)} exact={exactValue(metric.last)} />;
  }
  return <Attribute job={job} name={column.id} />;
}

function Exact({ text, exact }: { text: string; exact: string }) {
  return (
    <span data-class="hover-cell" title={exact}>
      {text}
    </span>
  );
}

function Attribute({ job, name }: { job: JobView; name: string }) {
  switch (name) {
    case "name":
      return <JobLink job={job} />;
    case "status":
      return (
        <span title={job.reason ?? undefined}>
          <StatusBadge status={job.status} />
        </span>
      );
    case "started":
      return <TimeText iso={job.started_at ?? null} />;
    case "duration":
      return <DurationText job={job} />;
    case "user":
      return <>{job.user || "–"}</>;
    default:
      return <TagList tags={job.tags} limit={SHOWN_TAGS} isOneLine />;
  }
}

function JobLink({ job }: { job: JobView }) {
  return (
    <Link
      to="/projects/$project/jobs/$number"
      params={{ project: job.project, number: String(job.number) }}
      tabIndex={-1}
      data-class="job-details-button"
      className="flex items-center gap-2 hover:underline"
      title={`${job.name} · ${job.id}`}
    >
      <JobChip number={job.number} />
      <span className="truncate font-medium">{job.name}</span>
    </Link>
  );
}
