import type { ProjectView } from "@/api/client";

/** Projects whose name or tags hold every word, those used last first. */
export function matchProjects(projects: ProjectView[], text: string): ProjectView[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return projects
    .filter((project) => {
      const searched = [project.name, ...project.tags].join("\n").toLowerCase();
      return words.every((word) => searched.includes(word));
    })
    .sort((a, b) => b.updated_at.localeCompare(a.updated_at));
}
