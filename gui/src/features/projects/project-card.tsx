import { Link } from "@tanstack/react-router";
import type { ProjectView } from "@/api/client";
import { formatCount } from "@/ui/format";
import { TagList } from "@/ui/tag-list";
import { TimeText } from "@/ui/time-text";
import { StatusCounts } from "./status-counts";

const SHOWN_TAGS = 6;

export function ProjectCard({ project }: { project: ProjectView }) {
  const tags = Object.fromEntries(project.tags.map((tag) => [tag, ""]));
  return (
    <li
      data-class="project-summary"
      className="card relative grid content-start gap-3 p-4 hover:border-accent"
    >
      <div className="flex items-baseline gap-2">
        <Link
          to="/projects/$project/jobs"
          params={{ project: project.name }}
          title={project.name}
          className="min-w-0 truncate text-[15px] font-semibold after:absolute after:inset-0"
        >
          {project.name}
        </Link>
        <span className="num ml-auto shrink-0 text-mute">
          {formatCount(project.job_count, "job")}
        </span>
      </div>
      <StatusCounts counts={project.status_counts} />
      <div data-class="project-page-tags" className="min-h-5">
        <TagList tags={tags} limit={SHOWN_TAGS} />
      </div>
      <p className="text-mute">
        Last activity <TimeText iso={project.updated_at} />
      </p>
    </li>
  );
}
