import type { ReactNode } from "react";
import type { JobView } from "@/api/client";
import { CopyButton } from "@/ui/copy-button";
import { TimeText } from "@/ui/time-text";
import { Card } from "./card";

const SOURCES = { local: "started by hand", submitted: "submitted" };

export function FactsCard({ job }: { job: JobView }) {
  return (
    <Card title="Facts">
      <dl className="grid grid-cols-[auto_minmax(0,1fr)] gap-x-4 gap-y-2">
        <Fact name="id">
          <span className="flex items-center gap-1">
            <code className="min-w-0 truncate font-mono text-xs">{job.id}</code>
            <CopyButton text={job.id} label="the id" />
          </span>
        </Fact>
        <Fact name="command">
          <code className="font-mono text-xs break-words">{job.command.join(" ") || "–"}</code>
        </Fact>
        <Fact name="source">{SOURCES[job.source]}</Fact>
        <Fact name="user">{job.user || "–"}</Fact>
        <Fact name="worker">{job.worker ?? "–"}</Fact>
        <Fact name="submitted">
          <TimeText iso={job.created_at} />
        </Fact>
        <Fact name="started">
          <TimeText iso={job.started_at ?? null} />
        </Fact>
        <Fact name="ended">
          <TimeText iso={job.ended_at ?? null} />
        </Fact>
        <Fact name="exit code">{job.exit_code ?? "–"}</Fact>
        <Fact name="priority">{job.priority}</Fact>
        <Fact name="GPUs">{job.num_gpus}</Fact>
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-mute">{name}</dt>
      <dd className="num min-w-0">{children}</dd>
    </>
  );
}
