import { getRouteApi } from "@tanstack/react-router";
import { lazy, Suspense } from "react";
import type { JobView as Job } from "@/api/client";
import type { JobTab } from "@/state/url";
import { usePageTitle } from "@/ui/page-title";
import { Skeleton } from "@/ui/skeleton";
import { type Tab, Tabs } from "@/ui/tabs";
import { ArtifactsTab } from "./artifacts/artifacts-tab";
import { JobHeader } from "./header/job-header";
import { LogsTab } from "./logs/logs-tab";
import { SummaryTab } from "./summary/summary-tab";

const route = getRouteApi("/projects/$project/jobs/$number");

// The charts' library is loaded by who looks at charts.
const ChartsTab = lazy(() => import("./charts/charts-tab"));

const TITLE_SIGNS: Record<string, string> = { running: "▶ ", failed: "✕ " };

export function JobView({ job }: { job: Job }) {
  const { tab } = route.useSearch();
  const navigate = route.useNavigate();
  usePageTitle(`${TITLE_SIGNS[job.status] ?? ""}${job.name}`, job.project);
  const select = (next: JobTab) => void navigate({ search: (old) => ({ ...old, tab: next }) });
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <JobHeader job={job} />
      <Tabs label="Parts of the job" tabs={tabsOf(job)} selected={tab} onSelect={select}>
        <TabContent job={job} tab={tab} />
      </Tabs>
    </div>
  );
}

function tabsOf(job: Job): Tab<JobTab>[] {
  return [
    { key: "summary", label: "Summary" },
    { key: "charts", label: "Charts", count: job.metrics.length },
    { key: "logs", label: "Logs" },
    {
      key: "artifacts",
      label: "Artifacts",
      count: job.artifact_count,
      dataClass: "artifacts-tab-button",
    },
  ];
}

function TabContent({ job, tab }: { job: Job; tab: JobTab }) {
  if (tab === "logs") return <LogsTab job={job} />;
  if (tab === "artifacts") return <ArtifactsTab job={job} />;
  if (tab === "summary") return <SummaryTab job={job} />;
  return (
    <Suspense fallback={<Skeleton />}>
      <ChartsTab job={job} />
    </Suspense>
  );
}
