import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useMemo, useRef } from "react";
import type { JobView } from "@/api/client";
import type { Sort } from "@/state/url";
import type { Column } from "./columns";
import { GridHeader, HEADER_HEIGHT } from "./grid-header";
import { GridRow } from "./grid-row";
import { useGridFocus } from "./use-grid-focus";

const ROW_HEIGHT = 32;
const OVERSCAN = 8;

interface JobGridProps {
  project: string;
  jobs: JobView[];
  total: number;
  columns: Column[];
  sort: Sort | null;
  onSort: (column: string) => void;
  onOpen: (job: JobView, isNewTab: boolean) => void;
}

/** The table of jobs: only the rows in sight exist, and only it scrolls sideways. */
export function JobGrid(props: JobGridProps) {
  const { project, jobs, total, columns, sort, onSort, onOpen } = props;
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => jobs[index]?.id ?? index,
    overscan: OVERSCAN,
    paddingStart: HEADER_HEIGHT,
    scrollPaddingStart: HEADER_HEIGHT,
  });
  const { lefts, width } = useMemo(() => layOut(columns), [columns]);
  const { focus, setFocus, onKeyDown } = useGridFocus({
    box,
    rows: jobs.length,
    columns: columns.length,
    scrollToRow: (row) => rows.scrollToIndex(row),
    onEnter: ({ row, column }, isNewTab) => {
      const job = jobs[row];
      if (job) onOpen(job, isNewTab);
      else if (columns[column]) onSort(columns[column].id);
    },
  });
  const onFocusCell = useCallback(
    (row: number, column: number) => setFocus({ row, column }),
    [setFocus],
  );
  return (
    <div
      ref={box}
      role="grid"
      aria-label={`Jobs of ${project}`}
      aria-rowcount={total + 2}
      aria-colcount={columns.length}
      tabIndex={-1}
      className="relative min-h-0 flex-1 overflow-auto border-y border-line"
      onKeyDown={onKeyDown}
    >
      <GridHeader
        columns={columns}
        lefts={lefts}
        width={width}
        sort={sort}
        focused={focus.row === -1 ? focus.column : -1}
        onSort={onSort}
      />
      <div role="rowgroup" style={{ width, height: rows.getTotalSize() - HEADER_HEIGHT }}>
        {rows.getVirtualItems().map(({ index, key, start }) => {
          const job = jobs[index];
          return (
            job && (
              <GridRow
                key={key}
                job={job}
                index={index}
                top={start}
                width={width}
                columns={columns}
                lefts={lefts}
                focused={focus.row === index ? focus.column : -1}
                onFocusCell={onFocusCell}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

function layOut(columns: Column[]): { lefts: number[]; width: number } {
  let width = 0;
  const lefts = columns.map((column) => {
    const left = width;
    width += column.width;
    return left;
  });
  return { lefts, width };
}
