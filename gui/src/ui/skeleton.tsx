import { useEffect, useState } from "react";

const QUIET_MS = 150;
const LONG_MS = 5_000;

/** Nothing at first, then grey bars, then a word that it takes long. */
export function Skeleton({ rows = 6 }: { rows?: number }) {
  const isShown = useAfter(QUIET_MS);
  const isLong = useAfter(LONG_MS);
  if (!isShown) return <div className="p-4" role="status" aria-label="Loading" />;
  return (
    <div className="grid gap-3 p-4" role="status" aria-label="Loading">
      {isLong && <p className="text-mute">Still loading…</p>}
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((key) => (
        <div key={key} className="skeleton h-5" />
      ))}
    </div>
  );
}

function useAfter(delayMs: number): boolean {
  const [isOver, setIsOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setIsOver(true), delayMs);
    return () => clearTimeout(timer);
  }, [delayMs]);
  return isOver;
}
