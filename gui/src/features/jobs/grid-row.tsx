import { memo } from "react";
import type { JobView } from "@/api/client";
import type { Column } from "./columns";
import { JobCell } from "./job-cell";

interface GridRowProps {
  job: JobView;
  index: number;
  top: number;
  width: number;
  columns: Column[];
  lefts: number[];
  /** The column of the grid's tab stop when it is in this row, else -1. */
  focused: number;
  onFocusCell: (row: number, column: number) => void;
}

// Header and group row come before the first job.
const FIRST_ROW_INDEX = 3;

export const GridRow = memo(function GridRow(props: GridRowProps) {
  const { job, index, top, width, columns, lefts, focused, onFocusCell } = props;
  return (
    <div
      role="row"
      aria-rowindex={index + FIRST_ROW_INDEX}
      data-class="job-table-row"
      className="grid-row"
      style={{ transform: `translateY(${top}px)`, width }}
    >
      {columns.map((column, at) => (
        <div
          key={column.id}
          role="gridcell"
          aria-colindex={at + 1}
          data-cell={`${index}:${at}`}
          data-class={`job-table-cell-with-header-${column.label}`}
          tabIndex={focused === at ? 0 : -1}
          onFocus={() => onFocusCell(index, at)}
          className={cellClass(column, at)}
          style={at === 0 ? { width: column.width } : { left: lefts[at], width: column.width }}
        >
          <JobCell job={job} column={column} />
        </div>
      ))}
    </div>
  );
});

function cellClass(column: Column, at: number): string {
  return `grid-cell${column.isNumeric ? " grid-cell-number" : ""}${at === 0 ? " grid-cell-pinned" : ""}`;
}
