import { useInfiniteQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import type { JobView } from "@/api/client";
import { jobsQuery } from "@/api/jobs";
import { ApiProblem } from "@/api/problem";
import { NotFound } from "@/ui/not-found";
import { usePageTitle } from "@/ui/page-title";
import { Panel } from "@/ui/panel";
import { FilterBox } from "./filter-box";
import { JobList } from "./job-list";
import { ProjectHeader } from "./project-header";

const route = getRouteApi("/projects/$project/jobs");

export function JobsPage() {
  const { project } = route.useParams();
  usePageTitle(project);
  const { filter } = route.useSearch();
  const query = useInfiniteQuery(jobsQuery(project, filter));
  const open = useOpenJob();
  if (query.error instanceof ApiProblem && query.error.isNotFound) {
    return <NotFound title={`Project “${project}” does not exist`} />;
  }
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <ProjectHeader project={project} />
      <FilterBox key={filter} project={project} filter={filter} />
      <Panel what="the jobs" query={query} rows={12}>
        {(data) => (
          <JobList
            project={project}
            pages={data.pages}
            isLoadingMore={query.isFetchingNextPage}
            onLoadMore={query.hasNextPage ? () => void query.fetchNextPage() : null}
            onOpen={open}
          />
        )}
      </Panel>
    </div>
  );
}

function useOpenJob(): (job: JobView, isNewTab: boolean) => void {
  const router = useRouter();
  return (job, isNewTab) => {
    const target = {
      to: "/projects/$project/jobs/$number",
      params: { project: job.project, number: String(job.number) },
    } as const;
    if (isNewTab) window.open(router.buildLocation(target).href, "_blank", "noopener");
    else void router.navigate(target);
  };
}
