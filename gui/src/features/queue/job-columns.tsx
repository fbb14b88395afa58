import { Link } from "@tanstack/react-router";
import { JobChip } from "@/ui/job-chip";
import type { QueueColumn } from "./queue-table";

/** The job and its project, each a link: what both tables begin with. */
export const JOB_COLUMNS: QueueColumn[] = [
  {
    name: "job",
    cell: (job) => (
      <Link
        to="/projects/$project/jobs/$number"
        params={{ project: job.project, number: String(job.number) }}
        className="inline-flex items-center gap-2 font-medium hover:underline"
      >
        <JobChip number={job.number} />
        {job.name}
      </Link>
    ),
  },
  {
    name: "project",
    cell: (job) => (
      <Link
        to="/projects/$project/jobs"
        params={{ project: job.project }}
        className="hover:underline"
      >
        {job.project}
      </Link>
    ),
  },
  { name: "user", cell: (job) => job.user || "–" },
];
