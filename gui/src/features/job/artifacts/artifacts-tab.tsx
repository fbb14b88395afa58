import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { artifactsQuery } from "@/api/artifacts";
import type { ArtifactView, JobView } from "@/api/client";
import { CommandLine } from "@/ui/command-line";
import { EmptyState } from "@/ui/empty-state";
import { Panel } from "@/ui/panel";
import { ArtifactList } from "./artifact-list";
import { ArtifactViewer } from "./artifact-viewer";

const route = getRouteApi("/projects/$project/jobs/$number");

export function ArtifactsTab({ job }: { job: JobView }) {
  return (
    <Panel what="the artifacts" query={useQuery(artifactsQuery(job.id))}>
      {({ items }) => (items.length === 0 ? <NoArtifacts /> : <Artifacts items={items} />)}
    </Panel>
  );
}

function Artifacts({ items }: { items: ArtifactView[] }) {
  const { file } = route.useSearch();
  const navigate = route.useNavigate();
  const selected = items.find(({ key }) => key === file) ?? items[0];
  const select = (key: string) =>
    void navigate({ search: (old) => ({ ...old, file: key }), replace: true });
  if (!selected) return null;
  return (
    <div className="grid min-h-0 flex-1 grid-rows-[minmax(0,1fr)] md:grid-cols-[minmax(16rem,2fr)_minmax(0,3fr)] max-md:content-start max-md:grid-rows-[auto_auto] max-md:overflow-auto">
      <ArtifactList items={items} selected={selected.key} onSelect={select} />
      {/* A file saved again is another picture: the viewer starts anew. */}
      <ArtifactViewer key={`${selected.key}-${selected.sha256}`} artifact={selected} />
    </div>
  );
}

function NoArtifacts() {
  return (
    <EmptyState title="No artifacts">
      <p className="text-mute">Files that the program saves under a key appear here:</p>
      <CommandLine text={'foundations.save_artifact("plot.png", key="plot")'} />
    </EmptyState>
  );
}
