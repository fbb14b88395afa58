import type { ReactNode } from "react";
import type { JobView } from "@/api/client";
import { formatInteger } from "@/ui/format";
import { useIsNarrow } from "@/ui/use-is-narrow";
import { QueueCards } from "./queue-cards";

export interface QueueColumn {
  name: string;
  isNumeric?: boolean;
  isWide?: boolean;
  cell: (job: JobView) => ReactNode;
}

interface QueueTableProps {
  title: string;
  jobs: JobView[];
  columns: QueueColumn[];
  empty: string;
}

export function QueueTable(props: QueueTableProps) {
  const { title, jobs, empty } = props;
  const isNarrow = useIsNarrow();
  const Rows = isNarrow ? QueueCards : WideTable;
  return (
    <section aria-label={title} className="min-w-0">
      <h2 className="mb-2 font-semibold">
        {title} <span className="num font-normal text-mute">{formatInteger(jobs.length)}</span>
      </h2>
      {jobs.length === 0 ? <p className="card p-4 text-mute">{empty}</p> : <Rows {...props} />}
    </section>
  );
}

function WideTable({ jobs, columns }: QueueTableProps) {
  return (
    <div className="card overflow-x-auto">
      <table className="w-full">
        <thead>
          <tr className="bg-panel text-left">
            {columns.map(({ name, isNumeric }) => (
              <th
                key={name}
                className={`px-3 py-2 font-semibold whitespace-nowrap ${isNumeric ? "text-right" : ""}`}
              >
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <tr key={job.id} data-class="job-table-row" className="border-t border-line">
              {columns.map((column) => (
                <td key={column.name} className={cellClass(column)}>
                  {column.cell(job)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function cellClass({ isNumeric, isWide }: QueueColumn): string {
  return `px-3 py-1.5 ${isNumeric ? "num text-right" : ""} ${isWide ? "min-w-56" : "whitespace-nowrap"}`;
}
