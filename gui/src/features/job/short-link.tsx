import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Navigate } from "@tanstack/react-router";
import { jobQuery } from "@/api/jobs";
import { Panel } from "@/ui/panel";

const route = getRouteApi("/j/$id");

/** `/j/<id>`, the link that programs print, leads to the job's page. */
export function ShortLink() {
  const { id } = route.useParams();
  return (
    <Panel what={`the job ${id}`} query={useQuery(jobQuery(id))}>
      {(job) => (
        <Navigate
          to="/projects/$project/jobs/$number"
          params={{ project: job.project, number: String(job.number) }}
          replace
        />
      )}
    </Panel>
  );
}
