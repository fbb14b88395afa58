import { skipToken, useQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { jobIdQuery, jobQuery } from "@/api/jobs";
import { cutMiddle } from "@/ui/format";

const LENGTH = 40;

/** `bird-songs / Jobs / amber-heron-12`: where this page lies. */
export function Breadcrumb() {
  const { project, number } = useParams({ strict: false });
  const name = useJobName(project, number);
  if (project === undefined) return null;
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-2 text-mute [&>li+li]:before:mr-2 [&>li+li]:before:content-['/'] [&>li]:truncate">
        <li>
          <Link
            to="/projects/$project"
            params={{ project }}
            className="hover:text-ink"
            title={project}
          >
            {cutMiddle(project, LENGTH)}
          </Link>
        </li>
        <li>
          <Link to="/projects/$project/jobs" params={{ project }} className="hover:text-ink">
            Jobs
          </Link>
        </li>
        {number !== undefined && (
          <li aria-current="page" className="text-ink max-sm:hidden" title={name}>
            {cutMiddle(name, LENGTH)}
          </li>
        )}
      </ol>
    </nav>
  );
}

function useJobName(project?: string, number?: string): string {
  const isJob = project !== undefined && number !== undefined;
  const idQuery = jobIdQuery(project ?? "", number ?? "");
  const { data: id } = useQuery(
    isJob ? idQuery : { queryKey: idQuery.queryKey, queryFn: skipToken },
  );
  const byId = jobQuery(id ?? "");
  const { data: job } = useQuery(id ? byId : { queryKey: byId.queryKey, queryFn: skipToken });
  return job?.name ?? `#${number}`;
}
