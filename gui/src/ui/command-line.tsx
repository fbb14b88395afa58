import { CopyButton } from "./copy-button";

/** A line to type in a terminal, with a button that copies it. */
export function CommandLine({ text }: { text: string }) {
  return (
    <div className="flex items-center gap-2 rounded-md border border-line bg-panel py-1 pr-1 pl-3 text-left">
      <code className="min-w-0 flex-1 overflow-x-auto font-mono text-xs whitespace-pre">
        {text}
      </code>
      <CopyButton text={text} label="the command" />
    </div>
  );
}
