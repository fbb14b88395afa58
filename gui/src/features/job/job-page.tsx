import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { jobIdQuery, jobQuery } from "@/api/jobs";
import { ApiProblem } from "@/api/problem";
import { NotFound } from "@/ui/not-found";
import { Panel } from "@/ui/panel";
import { JobView } from "./job-view";

const route = getRouteApi("/projects/$project/jobs/$number");

export function JobPage() {
  const { project, number } = route.useParams();
  const query = useQuery(jobIdQuery(project, number));
  if (isNotFound(query.error)) return <JobNotFound project={project} number={number} />;
  return (
    <Panel what="the job" query={query}>
      {(id) => <LoadedJob id={id} project={project} number={number} />}
    </Panel>
  );
}

interface LoadedJobProps {
  id: string;
  project: string;
  number: string;
}

function LoadedJob({ id, project, number }: LoadedJobProps) {
  const query = useQuery(jobQuery(id));
  if (isNotFound(query.error)) return <JobNotFound project={project} number={number} />;
  return (
    <Panel what="the job" query={query}>
      {(job) => <JobView job={job} />}
    </Panel>
  );
}

function JobNotFound({ project, number }: { project: string; number: string }) {
  return (
    <NotFound title={`Job #${number} of “${project}” does not exist`}>
      <p className="text-mute">It may have been deleted.</p>
      <p>
        <Link to="/projects/$project/jobs" params={{ project }} className="text-accent underline">
          Jobs of {project}
        </Link>
      </p>
    </NotFound>
  );
}

function isNotFound(error: Error | null): boolean {
  return error instanceof ApiProblem && error.isNotFound;
}
