import type { JobView } from "@/api/client";
import { DurationText } from "@/ui/duration-text";
import { StatusBadge } from "@/ui/status-badge";
import { TimeText } from "@/ui/time-text";
import { JOB_COLUMNS } from "./job-columns";
import { type QueueColumn, QueueTable } from "./queue-table";
import { StopCell } from "./stop-cell";

const COLUMNS: QueueColumn[] = [
  ...JOB_COLUMNS,
  { name: "status", cell: (job) => <StatusBadge status={job.status} /> },
  { name: "worker", cell: (job) => job.worker ?? "–" },
  { name: "started", cell: (job) => <TimeText iso={job.started_at ?? null} /> },
  { name: "elapsed", isNumeric: true, cell: (job) => <DurationText job={job} /> },
  { name: "", cell: (job) => <StopCell job={job} /> },
];

export function RunningTable({ jobs }: { jobs: JobView[] }) {
  return <QueueTable title="Running" jobs={jobs} columns={COLUMNS} empty="Nothing runs." />;
}
