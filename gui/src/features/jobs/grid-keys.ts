/** Where the focus is: row -1 is the header. */
export interface Cell {
  row: number;
  column: number;
}

const PAGE_ROWS = 20;

const MOVES: Record<string, (cell: Cell, rows: number, columns: number) => Cell> = {
  ArrowDown: ({ row, column }) => ({ row: row + 1, column }),
  ArrowUp: ({ row, column }) => ({ row: row - 1, column }),
  ArrowRight: ({ row, column }) => ({ row, column: column + 1 }),
  ArrowLeft: ({ row, column }) => ({ row, column: column - 1 }),
  PageDown: ({ row, column }) => ({ row: row + PAGE_ROWS, column }),
  PageUp: ({ row, column }) => ({ row: Math.max(0, row - PAGE_ROWS), column }),
  Home: ({ row }) => ({ row, column: 0 }),
  End: ({ row }, _rows, columns) => ({ row, column: columns - 1 }),
};

/** The cell that a key leads to, or null when the key is none of the grid's. */
export function moveFocus(
  key: string,
  isControl: boolean,
  cell: Cell,
  rows: number,
  columns: number,
): Cell | null {
  if (isControl && key === "Home") return { row: 0, column: 0 };
  if (isControl && key === "End") return { row: rows - 1, column: columns - 1 };
  const next = MOVES[key]?.(cell, rows, columns);
  return next ? clampCell(next, rows, columns) : null;
}

/** The nearest cell that exists: rows and columns come and go while one looks. */
export function clampCell({ row, column }: Cell, rows: number, columns: number): Cell {
  return {
    row: Math.max(-1, Math.min(rows - 1, row)),
    column: Math.max(0, Math.min(columns - 1, column)),
  };
}
