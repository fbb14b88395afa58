import { STATUSES, statusLook } from "@/ui/status";

const HEIGHT = 6;

/** Counts by status: a thin bar of shares, and the numbers in words. */
export function StatusCounts({ counts }: { counts: Record<string, number> }) {
  const shown = [...new Set([...STATUSES, ...Object.keys(counts)])]
    .map((status) => ({ status, count: counts[status] ?? 0, ...statusLook(status) }))
    .filter(({ count }) => count > 0);
  const total = shown.reduce((sum, { count }) => sum + count, 0);
  let before = 0;
  return (
    <div className="grid gap-2">
      <svg
        className="h-1.5 w-full rounded bg-line"
        viewBox={`0 0 ${Math.max(total, 1)} ${HEIGHT}`}
        preserveAspectRatio="none"
        aria-hidden="true"
      >
        {shown.map(({ status, count, tone }) => {
          const x = before;
          before += count;
          return (
            <rect
              key={status}
              x={x}
              width={count}
              height={HEIGHT}
              fill="currentColor"
              className={tone}
            />
          );
        })}
      </svg>
      <p className="num flex flex-wrap gap-x-3">
        {shown.map(({ status, count, sign, tone }) => (
          <span key={status} className={tone}>
            <span aria-hidden="true">{sign}</span> {count} {status}
          </span>
        ))}
      </p>
    </div>
  );
}
