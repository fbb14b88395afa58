import { getRouteApi } from "@tanstack/react-router";
import type { JobView, MetricSummary } from "@/api/client";
import { CommandLine } from "@/ui/command-line";
import { EmptyState } from "@/ui/empty-state";
import { MetricCard } from "./metric-card";
import { ScaleSwitch } from "./scale-switch";

const route = getRouteApi("/projects/$project/jobs/$number");

/** One card for each metric. */
export default function ChartsTab({ job }: { job: JobView }) {
  const { y } = route.useSearch();
  const navigate = route.useNavigate();
  if (job.metrics.length === 0) return <NoMetrics />;
  return (
    <div className="min-h-0 flex-1 overflow-auto p-4 max-sm:p-3">
      <div className="mb-3 flex items-center gap-3">
        <ScaleSwitch
          scale={y}
          onChange={(scale) =>
            void navigate({ search: (old) => ({ ...old, y: scale }), replace: true })
          }
        />
        <span className="text-mute max-sm:hidden">Drag to zoom, double click to zoom out.</span>
      </div>
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(24rem,100%),1fr))] gap-3">
        {[...job.metrics].sort(numbersFirst).map((metric) => (
          <MetricCard key={metric.name} job={job} metric={metric} isLog={y === "log"} />
        ))}
      </div>
    </div>
  );
}

function numbersFirst(a: MetricSummary, b: MetricSummary): number {
  return Number(a.kind === "text") - Number(b.kind === "text");
}

function NoMetrics() {
  return (
    <EmptyState title="No metrics logged yet">
      <p className="text-mute">Each metric gets a chart that grows while the job runs:</p>
      <CommandLine text={'foundations.log_metric("loss", loss, step=step)'} />
    </EmptyState>
  );
}
