import { type KeyboardEvent, type RefObject, useEffect, useRef, useState } from "react";
import { type Cell, clampCell, moveFocus } from "./grid-keys";

interface GridFocus {
  focus: Cell;
  setFocus: (cell: Cell) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

interface GridFocusOptions {
  box: RefObject<HTMLDivElement | null>;
  rows: number;
  columns: number;
  scrollToRow: (row: number) => void;
  onEnter: (cell: Cell, isNewTab: boolean) => void;
}

/** One tab stop for the whole grid, arrow keys inside it. */
export function useGridFocus(options: GridFocusOptions): GridFocus {
  const { box, rows, columns, scrollToRow, onEnter } = options;
  const [wanted, setFocus] = useState<Cell>({ row: 0, column: 0 });
  const focus = clampCell(wanted, rows, columns);
  // A move by key waits here until its cell has been drawn.
  const isMoving = useRef(false);

  useEffect(() => {
    if (!isMoving.current) return;
    const cell = box.current?.querySelector<HTMLElement>(
      `[data-cell="${focus.row}:${focus.column}"]`,
    );
    if (!cell) return;
    isMoving.current = false;
    cell.focus({ preventScroll: true });
    cell.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  });

  const onKeyDown = (event: KeyboardEvent) => {
    const isControl = event.ctrlKey || event.metaKey;
    if (event.key === "Enter") {
      event.preventDefault();
      onEnter(focus, isControl);
      return;
    }
    const next = moveFocus(event.key, isControl, focus, rows, columns);
    if (!next) return;
    event.preventDefault();
    isMoving.current = true;
    if (next.row >= 0) scrollToRow(next.row);
    setFocus(next);
  };
  return { focus, setFocus, onKeyDown };
}
