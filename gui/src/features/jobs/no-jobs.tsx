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
