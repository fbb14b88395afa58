import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { copyText } from "./copy";

const SHOWN_MS = 1500;

/** Copies `text`; `label` says what it is. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [outcome, setOutcome] = useState<"" | "Copied" | "Copying is not allowed here">("");
  useEffect(() => {
    if (outcome === "") return;
    const timer = setTimeout(() => setOutcome(""), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const copy = async () => {
    setOutcome((await copyText(text)) ? "Copied" : "Copying is not allowed here");
  };
  const Icon = outcome === "Copied" ? Check : Copy;
  return (
    <button
      type="button"
      className="inline-grid size-6 shrink-0 place-items-center rounded text-mute hover:bg-panel hover:text-ink"
      aria-label={`Copy ${label}`}
      title={outcome || `Copy ${label}`}
      onClick={copy}
    >
      <Icon size={14} aria-hidden="true" />
      <span role="status" className="sr-only">
        {outcome}
      </span>
    </button>
  );
}
