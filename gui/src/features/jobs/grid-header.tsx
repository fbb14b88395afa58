import type { Sort } from "@/state/url";
import type { Column, Group } from "./columns";

interface GridHeaderProps {
  columns: Column[];
  lefts: number[];
  width: number;
  sort: Sort | null;
  focused: number;
  onSort: (column: string) => void;
}

const GROUPS: Group[] = ["Job", "Parameters", "Metrics"];
const HOOKS: Record<Group, string | undefined> = {
  Job: undefined,
  Parameters: "param-header",
  Metrics: "metric-header",
};

export const HEADER_HEIGHT = 56;

/** Two rows: what kind of columns these are, and their names, which sort. */
export function GridHeader({ columns, lefts, width, sort, focused, onSort }: GridHeaderProps) {
  return (
    <div
      role="rowgroup"
      className="sticky top-0 z-10 bg-panel"
      style={{ width, height: HEADER_HEIGHT }}
    >
      <GroupRow columns={columns} lefts={lefts} />
      <div role="row" aria-rowindex={2} className="relative h-8 border-b border-line">
        {columns.map((column, at) => (
          <div
            key={column.id}
            role="columnheader"
            aria-colindex={at + 1}
            aria-sort={sortOf(column, sort)}
            aria-label={column.label}
            data-class={HOOKS[column.group]}
            className={`h-[31px] bg-panel ${at === 0 ? "sticky left-0 z-10 border-r border-line" : "absolute top-0"}`}
            style={at === 0 ? { width: column.width } : { left: lefts[at], width: column.width }}
          >
            <button
              type="button"
              data-cell={`-1:${at}`}
              tabIndex={focused === at ? 0 : -1}
              className={`flex size-full items-center px-2.5 font-semibold hover:text-accent ${column.isNumeric ? "justify-end" : ""}`}
              title={`${column.label}: sort`}
              onClick={() => onSort(column.id)}
            >
              <span className="truncate">{column.label}</span>
              <span aria-hidden="true" className="pl-1 empty:hidden">
                {arrowOf(column, sort)}
              </span>
            </button>
          </div>
        ))}
      </div>
    </div>
  );
}

function GroupRow({ columns, lefts }: Pick<GridHeaderProps, "columns" | "lefts">) {
  return (
    <div
      role="row"
      aria-rowindex={1}
      className="relative h-6 border-b border-line text-[11px] text-mute"
    >
      {GROUPS.map((group) => {
        const first = columns.findIndex((column) => column.group === group);
        if (first < 0) return null;
        const members = columns.filter((column) => column.group === group);
        const span = members.reduce((sum, column) => sum + column.width, 0);
        return (
          <div
            key={group}
            role="columnheader"
            aria-colindex={first + 1}
            aria-colspan={members.length}
            className="absolute top-0 h-6 border-line not-first:border-l"
            style={{ left: lefts[first], width: span }}
          >
            <span className="sticky left-0 inline-block px-2.5 leading-6 tracking-wide uppercase">
              {group}
            </span>
          </div>
        );
      })}
    </div>
  );
}

function sortOf(column: Column, sort: Sort | null): "ascending" | "descending" | "none" {
  if (sort?.column !== column.id) return "none";
  return sort.isDescending ? "descending" : "ascending";
}

function arrowOf(column: Column, sort: Sort | null): string {
  if (sort?.column !== column.id) return "";
  return sort.isDescending ? "↓" : "↑";
}
