import { Link } from "@tanstack/react-router";
import { CommandLine } from "@/ui/command-line";
import { EmptyState } from "@/ui/empty-state";

export function NoJobs() {
  return (
    <EmptyState title="No jobs in this project">
      <p className="text-mute">In the folder of your program:</p>
      <CommandLine text="foundations submit scheduler . main.py" />
    </EmptyState>
  );
}

export function NoMatches() {
  return (
    <EmptyState title="No job is like that">
      <div>
        <Link
          from="/projects/$project/jobs"
          to="."
          search={(now) => ({ ...now, filter: "" })}
          className="button"
        >
          Clear the filter
        </Link>
      </div>
    </EmptyState>
  );
}
