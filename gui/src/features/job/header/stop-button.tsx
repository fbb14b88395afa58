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

/** Stops a job that waits or runs; asks first when much work would be cut off. */
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
        disabled={isStopping || isElsewhere}
        title={isElsewhere ? "It was started by hand: stop it in its own terminal." : undefined}
        onClick={() => (seconds > ASK_AFTER_SECONDS ? setIsAsking(true) : stop.mutate())}
      >
        <Square size={13} aria-hidden="true" />
        {isStopping ? "Stopping…" : "Stop"}
      </button>
      {isAsking && (
        <ConfirmDialog
          title={`Stop ${job.name}?`}
          action="Stop the job"
          onConfirm={() => stop.mutateAsync()}
          onClose={() => setIsAsking(false)}
        >
          <p>It has run for {formatDuration(seconds)}. What it has logged and saved stays.</p>
        </ConfirmDialog>
      )}
    </>
  );
}
