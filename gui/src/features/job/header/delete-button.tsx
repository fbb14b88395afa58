import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { artifactsQuery } from "@/api/artifacts";
import type { JobView } from "@/api/client";
import { deleteJob } from "@/api/jobs";
import { ConfirmDialog } from "@/ui/confirm-dialog";
import { formatBytes, formatCount } from "@/ui/format";
import { isFinal } from "@/ui/status";

/** Deletes a job that is over, after naming what goes with it. */
export function DeleteButton({ job }: { job: JobView }) {
  const [isAsking, setIsAsking] = useState(false);
  const client = useQueryClient();
  const navigate = useNavigate();
  if (!isFinal(job.status)) return null;
  const remove = async () => {
    await deleteJob(job.id);
    const params = { project: job.project };
    await navigate({ to: "/projects/$project/jobs", params });
    client.removeQueries({ queryKey: ["job", job.id] });
    client.removeQueries({ queryKey: ["job-id", job.project] });
    void client.invalidateQueries({ queryKey: ["jobs", job.project] });
  };
  return (
    <>
      <button type="button" className="button" onClick={() => setIsAsking(true)}>
        <Trash2 size={14} aria-hidden="true" />
        Delete
      </button>
      {isAsking && (
        <ConfirmDialog
          title={`Delete ${job.name}?`}
          action="Delete the job"
          onConfirm={remove}
          onClose={() => setIsAsking(false)}
        >
          <WhatGoes job={job} />
        </ConfirmDialog>
      )}
    </>
  );
}

function WhatGoes({ job }: { job: JobView }) {
  const { data } = useQuery(artifactsQuery(job.id));
  const bytes = data?.items.reduce((sum, { size }) => sum + size, 0);
  const size = bytes === undefined ? "" : ` (${formatBytes(bytes)})`;
  return (
    <>
      <p>These go with it and cannot be brought back:</p>
      <ul className="list-disc pl-5">
        <li>
          {formatCount(Object.keys(job.params).length, "parameter")} and{" "}
          {formatCount(job.metrics.length, "metric")}
        </li>
        <li>
          {formatCount(job.artifact_count, "artifact")}
          {size}, and the archived files of its folder
        </li>
        <li>{formatBytes(job.log_bytes)} of log</li>
      </ul>
    </>
  );
}
