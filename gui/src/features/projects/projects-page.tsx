import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ProjectView } from "@/api/client";
import { projectsQuery } from "@/api/projects";
import { EmptyState } from "@/ui/empty-state";
import { formatCount } from "@/ui/format";
import { usePageTitle } from "@/ui/page-title";
import { Panel } from "@/ui/panel";
import { matchProjects } from "./match-projects";
import { NoProjects } from "./no-projects";
import { ProjectCard } from "./project-card";

const route = getRouteApi("/projects");

export function ProjectsPage() {
  usePageTitle("Projects");
  const query = useQuery(projectsQuery);
  return (
    <div className="w-full p-4 max-sm:p-3">
      <Panel what="the projects" query={query}>
        {(page) => (page.total === 0 ? <NoProjects /> : <ProjectList projects={page.items} />)}
      </Panel>
    </div>
  );
}

function ProjectList({ projects }: { projects: ProjectView[] }) {
  const { q } = route.useSearch();
  const navigate = route.useNavigate();
  const search = (text: string) => void navigate({ search: { q: text }, replace: true });
  const matching = matchProjects(projects, q);
  return (
    <>
      <div className="mb-4 flex flex-wrap items-center gap-3">
        <h1 className="text-lg font-semibold">Projects</h1>
        <span className="text-mute">{formatCount(matching.length, "project")}</span>
        <input
          type="search"
          aria-label="Search projects"
          placeholder="Search by name or tag"
          className="field ml-auto w-64 max-sm:ml-0 max-sm:w-full"
          value={q}
          onChange={(event) => search(event.target.value)}
        />
      </div>
      {matching.length === 0 && (
        <EmptyState title={`No project matches “${q}”.`}>
          <div>
            <button type="button" className="button" onClick={() => search("")}>
              Clear search
            </button>
          </div>
        </EmptyState>
      )}
      <ul className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-3">
        {matching.map((project) => (
          <ProjectCard key={project.name} project={project} />
        ))}
      </ul>
    </>
  );
}
