import { useQuery } from "@tanstack/react-query";
import type { Queue } from "@/api/client";
import { queueQuery } from "@/api/queue";
import { CommandLine } from "@/ui/command-line";
import { EmptyState } from "@/ui/empty-state";
import { formatCount } from "@/ui/format";
import { usePageTitle } from "@/ui/page-title";
import { Panel } from "@/ui/panel";
import { ClearButton } from "./clear-button";
import { RunningTable } from "./running-table";
import { WaitingTable } from "./waiting-table";

export function QueuePage() {
  usePageTitle("Queue");
  const query = useQuery(queueQuery);
  return (
    <div className="w-full p-4 max-sm:p-3">
      <div className="mb-4 flex items-center gap-3">
        <h1 className="text-lg font-semibold">Queue</h1>
        <span className="ml-auto">
          {query.data && (
            <ClearButton waiting={query.data.waiting} total={query.data.waiting_total} />
          )}
        </span>
      </div>
      <Panel what="the queue" query={query}>
        {(queue) => <Tables queue={queue} />}
      </Panel>
    </div>
  );
}

function Tables({ queue: { running, waiting, waiting_total } }: { queue: Queue }) {
  if (running.length + waiting.length === 0) {
    return (
      <EmptyState title="Nothing runs and nothing waits">
        <p className="text-mute">Submit a job from the folder of your program:</p>
        <CommandLine text="foundations submit scheduler . main.py" />
      </EmptyState>
    );
  }
  return (
    <div className="grid gap-6">
      <RunningTable jobs={running} />
      <WaitingTable jobs={waiting} />
      {waiting_total > waiting.length && (
        <p className="text-mute">
          The first {waiting.length} of {formatCount(waiting_total, "waiting job")} are shown.
        </p>
      )}
    </div>
  );
}
