import type { JobView } from "@/api/client";
import { FactsCard } from "./facts-card";
import { FailureBox } from "./failure-box";
import { MetricsCard } from "./metrics-card";
import { ParamsCard } from "./params-card";
import { WaitingBox } from "./waiting-box";

export function SummaryTab({ job }: { job: JobView }) {
  return (
    <div className="min-h-0 flex-1 overflow-auto p-4 max-sm:p-3">
      <div className="grid max-w-7xl items-start gap-4 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div className="grid min-w-0 gap-4">
          {job.status === "failed" && <FailureBox job={job} />}
          {job.status === "queued" && <WaitingBox job={job} />}
          <MetricsCard metrics={job.metrics} />
          <ParamsCard params={job.params} />
        </div>
        <FactsCard job={job} />
      </div>
    </div>
  );
}
