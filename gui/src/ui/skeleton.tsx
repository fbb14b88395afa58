import { type ReactNode, useEffect, useState } from "react";

const QUIET_MS = 150;
const LONG_MS = 5_000;

interface SkeletonProps {
  rows?: number;
  onCancel?: (() => void) | undefined;
}

/** Nothing at first, then grey bars, then a word that it takes long. */
export function Skeleton({ rows = 6, onCancel }: SkeletonProps) {
  const isShown = useAfter(QUIET_MS);
  const isLong = useAfter(LONG_MS);
  if (!isShown) return <div className="p-4" role="status" aria-label="Loading" />;
  return (
    <div className="grid gap-3 p-4" role="status" aria-label="Loading">
      {isLong && <StillLoading onCancel={onCancel} />}
      {Array.from({ length: rows }, (_, row) => `row-${row}`).map((key) => (
        <div key={key} className="skeleton h-5" />
      ))}
    </div>
  );
}

function StillLoading({ onCancel }: { onCancel?: (() => void) | undefined }): ReactNode {
  return (
    <p className="text-mute">
      Still loading…{" "}
      {onCancel && (
        <button type="button" className="text-accent underline" onClick={onCancel}>
          Cancel
        </button>
      )}
    </p>
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
