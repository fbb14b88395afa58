import { useQuery } from "@tanstack/react-query";
import { projectQuery } from "@/api/projects";
import { STATUSES, statusLook } from "@/ui/status";
import { TagList } from "@/ui/tag-list";

const SHOWN_TAGS = 8;

/** The project's name, its jobs by status, and the tags that they carry. */
export function ProjectHeader({ project }: { project: string }) {
  const { data } = useQuery(projectQuery(project));
  const counts = data?.status_counts ?? {};
  const tags = Object.fromEntries((data?.tags ?? []).map((tag) => [tag, ""]));
  return (
    <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
      <h1 className="min-w-0 truncate text-lg font-semibold" title={project}>
        {project}
      </h1>
      <p className="num flex flex-wrap gap-x-3">
        {STATUSES.filter((status) => counts[status]).map((status) => (
          <span key={status} className={statusLook(status).tone}>
            <span aria-hidden="true">{statusLook(status).sign}</span> {counts[status]} {status}
          </span>
        ))}
      </p>
      <div data-class="project-page-tags">
        <TagList tags={tags} limit={SHOWN_TAGS} />
      </div>
    </header>
  );
}
