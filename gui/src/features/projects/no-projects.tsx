import { CommandLine } from "@/ui/command-line";
import { EmptyState } from "@/ui/empty-state";

const COMMANDS = [
  "foundations init my-project",
  "cd my-project",
  "foundations submit scheduler . main.py",
];

export function NoProjects() {
  return (
    <EmptyState title="No projects yet">
      <p className="text-mute">A project is made when its first job arrives. In a terminal:</p>
      <div className="grid gap-2">
        {COMMANDS.map((command) => (
          <CommandLine key={command} text={command} />
        ))}
      </div>
    </EmptyState>
  );
}
