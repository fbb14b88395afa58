import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Square } from "lucide-react";
import type { JobView } from "@/api/client";
import { stopJob } from "@/api/jobs";
import { queueQuery } from "@/api/queue";

export function StopCell({ job }: { job: JobView }) {
  const client = useQueryClient();
  const stop = useMutation({
    mutationFn: () => stopJob(job.id),
    onSettled: () => client.invalidateQueries({ queryKey: queueQuery.queryKey }),
  });
  const isLocal = job.source === "local";
  const isStopping = stop.isPending || job.reason === "stopping";
  return (
    <span className="flex items-center gap-2 sm:justify-end">
      {stop.error && (
        <span role="alert" className="text-bad">
          {stop.error.message}
        </span>
      )}
      <button
        type="button"
        className="button"
        aria-label={`Stop ${job.name}`}
        disabled={isLocal || isStopping}
        title={
          isLocal
            ? "It was started by hand: stop it there, or declare it ended on its page."
            : undefined
        }
        onClick={() => stop.mutate()}
      >
        <Square size={12} aria-hidden="true" />
        {isStopping ? "Stopping…" : "Stop"}
      </button>
    </span>
  );
}
