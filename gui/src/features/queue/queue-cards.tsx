import type { JobView } from "@/api/client";
import type { QueueColumn } from "./queue-table";

interface QueueCardsProps {
  title: string;
  jobs: JobView[];
  columns: QueueColumn[];
}

/** The table on a phone: a card for each job, with its button in reach of a thumb. */
export function QueueCards({ title, jobs, columns }: QueueCardsProps) {
  return (
    <ul aria-label={title} className="grid gap-2">
      {jobs.map((job) => (
        <li key={job.id} data-class="job-table-row" className="card p-3">
          <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-1">
            {columns.map(({ name, cell }) => (
              <div key={name} className="col-span-2 grid grid-cols-subgrid">
                <dt className="text-mute">{name}</dt>
                <dd className="num min-w-0">{cell(job)}</dd>
              </div>
            ))}
          </dl>
        </li>
      ))}
    </ul>
  );
}
