import type { JobView } from "@/api/client";
import { TimeText } from "@/ui/time-text";
import { JOB_COLUMNS } from "./job-columns";
import { formatPriority } from "./priority";
import { type QueueColumn, QueueTable } from "./queue-table";
import { StopCell } from "./stop-cell";
import { WaitedText } from "./waited-text";

const COLUMNS: QueueColumn[] = [
  { name: "place", isNumeric: true, cell: (job) => job.queue_position ?? "–" },
  ...JOB_COLUMNS,
  { name: "priority", cell: (job) => formatPriority(job.priority) },
  { name: "submitted", cell: (job) => <TimeText iso={job.created_at} /> },
  { name: "waiting", isNumeric: true, cell: (job) => <WaitedText since={job.created_at} /> },
  { name: "reason", isWide: true, cell: (job) => job.reason ?? "–" },
  { name: "", cell: (job) => <StopCell job={job} /> },
];

/** What waits, in the order in which it will start. */
export function WaitingTable({ jobs }: { jobs: JobView[] }) {
  return <QueueTable title="Waiting" jobs={jobs} columns={COLUMNS} empty="Nothing waits." />;
}
