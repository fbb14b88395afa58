import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Square } from "lucide-react";
import { useState } from "react";
import type { JobView } from "@/api/client";
import { jobQuery, stopJob } from "@/api/jobs";
import { useServerSeconds } from "@/state/clock";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { durationOf } from "@/ui/duration-text";
import { formatDuration } from "@/ui/format";
import { isFinal } from "@/ui/status";

const ASK_AFTER_SECONDS = 600;

/**
 * Stops a job that waits or runs; asks first when much work would be cut off. A job that was
 * started by hand is out of reach: of it one can only declare that it has ended.
 */
export function StopButton({ job }: { job: JobView }) {
  const [isAsking, setIsAsking] = useState(false);
  const now = useServerSeconds(false);
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => stopJob(job.id),
    onSuccess: (stopped) => client.setQueryData(jobQuery(job.id).queryKey, stopped),
  });
  if (isFinal(job.status)) return null;
  const seconds = durationOf(job, now) ?? 0;
  const isStopping = job.reason === "stopping" || stop.isPending;
  const isElsewhere = job.source === "local";
  const mustAsk = isElsewhere || seconds > ASK_AFTER_SECONDS;
  return (
    <>
      {stop.error && (
        <span role="alert" className="self-center text-bad">
          {stop.error.message}
        </span>
      )}
      <button
        type="button"
        className="button"
        disabled={isStopping}
        onClick={() => (mustAsk ? setIsAsking(true) : stop.mutate())}
      >
        <Square size={13} aria-hidden="true" />
        {isStopping ? "Stopping…" : isElsewhere ? "Declare ended" : "Stop"}
      </button>
      {isAsking && (
        <ConfirmDialog
          title={isElsewhere ? `Declare ${job.name} ended?` : `Stop ${job.name}?`}
          action={isElsewhere ? "Declare it ended" : "Stop the job"}
          onConfirm={() => stop.mutateAsync()}
          onClose={() => setIsAsking(false)}
        >
          {isElsewhere ? (
            <p>
              It was started by hand, so Atlas cannot stop it. If its process has gone, this ends
              its record as stopped; what it has logged stays, and what still comes is kept.
            </p>
          ) : (
            <p>It has run for {formatDuration(seconds)}. What it has logged and saved stays.</p>
          )}
        </ConfirmDialog>
      )}
    </>
  );
}
