import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import type { JobPage, JobView } from "@/api/client";
import { useServerSeconds } from "@/state/clock";
import { decodeSort, encodeSort, nextSort } from "@/state/url";
import { formatInteger } from "@/ui/format";
import { useIsNarrow } from "@/ui/use-is-narrow";
import { buildColumns, sortJobs } from "./columns";
import { JobCards } from "./job-cards";
import { JobGrid } from "./job-grid";
import { NoJobs, NoMatches } from "./no-jobs";

const route = getRouteApi("/projects/$project/jobs");

interface JobListProps {
  project: string;
  pages: JobPage[];
  isLoadingMore: boolean;
  onLoadMore: (() => void) | null;
  onOpen: (job: JobView, isNewTab: boolean) => void;
}

export function JobList({ project, pages, isLoadingMore, onLoadMore, onOpen }: JobListProps) {
  const { sort: code, filter } = route.useSearch();
  const navigate = route.useNavigate();
  const sort = decodeSort(code);
  const isNarrow = useIsNarrow();
  const now = useServerSeconds(false);
  const jobs = useMemo(() => uniqueJobs(pages), [pages]);
  const columns = useMemo(() => (pages[0] ? buildColumns(pages[0], jobs) : []), [pages, jobs]);
  const sorted = useMemo(
    () => sortJobs(jobs, columns, decodeSort(code), now),
    [jobs, columns, code, now],
  );
  const total = pages[0]?.total ?? 0;
  const onSort = (column: string) =>
    void navigate({
      search: (now) => ({ ...now, sort: encodeSort(nextSort(sort, column)) }),
      replace: true,
    });

  if (total === 0) return filter === "" ? <NoJobs /> : <NoMatches />;
  return (
    <>
      {isNarrow ? (
        <JobCards jobs={sorted} columns={columns} />
      ) : (
        <JobGrid
          project={project}
          jobs={sorted}
          total={total}
          columns={columns}
          sort={sort}
          onSort={onSort}
          onOpen={onOpen}
        />
      )}
      <div className="flex shrink-0 items-center gap-3 px-4 py-1.5 text-mute">
        <span>
          {formatInteger(jobs.length)} of {formatInteger(total)} jobs
          {sort && onLoadMore ? ", sorted among those loaded" : ""}
        </span>
        {onLoadMore && (
          <button type="button" className="button" disabled={isLoadingMore} onClick={onLoadMore}>
            {isLoadingMore ? "Loading…" : "Load more"}
          </button>
        )}
      </div>
    </>
  );
}

/** A job that arrives between two pages pushes one from the first into the second. */
function uniqueJobs(pages: JobPage[]): JobView[] {
  return [...new Map(pages.flatMap((page) => page.items).map((job) => [job.id, job])).values()];
}
