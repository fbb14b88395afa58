import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import type { JobView } from "@/api/client";
import { clearQueue, queueQuery } from "@/api/queue";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { formatCount } from "@/ui/format";

/** Stops everything that waits, after saying whose jobs these are. */
export function ClearButton({ waiting, total }: { waiting: JobView[]; total: number }) {
  const [isAsking, setIsAsking] = useState(false);
  const client = useQueryClient();
  const clear = async () => {
    await clearQueue();
    await client.invalidateQueries({ queryKey: queueQuery.queryKey });
  };
  return (
    <>
      <button
        type="button"
        className="button"
        disabled={total === 0}
        onClick={() => setIsAsking(true)}
      >
        Clear queue
      </button>
      {isAsking && (
        <ConfirmDialog
          title={`Stop ${formatCount(total, "waiting job")}?`}
          action="Clear the queue"
          onConfirm={clear}
          onClose={() => setIsAsking(false)}
        >
          <ul className="list-disc pl-5">
            {countByUser(waiting).map(([user, count]) => (
              <li key={user}>
                {formatCount(count, "job")} of {user}
              </li>
            ))}
            {total > waiting.length && (
              <li>and {formatCount(total - waiting.length, "more job")}</li>
            )}
          </ul>
          <p>Running jobs go on.</p>
        </ConfirmDialog>
      )}
    </>
  );
}

export function countByUser(jobs: JobView[]): [string, number][] {
  const counts = new Map<string, number>();
  for (const { user } of jobs)
    counts.set(user || "nobody", (counts.get(user || "nobody") ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]);
}
