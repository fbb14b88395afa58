import { Download } from "lucide-react";
import { type KeyboardEvent, useRef } from "react";
import { downloadUrl } from "@/api/artifacts";
import type { ArtifactView } from "@/api/client";
import { formatBytes } from "@/ui/format";
import { TimeText } from "@/ui/time-text";

interface ArtifactListProps {
  items: ArtifactView[];
  selected: string;
  onSelect: (key: string) => void;
}

const STEPS: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, j: 1, k: -1 };

/** The files by key. Arrow keys step through them, and the viewer follows. */
export function ArtifactList({ items, selected, onSelect }: ArtifactListProps) {
  const list = useRef<HTMLUListElement>(null);
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    const index = items.findIndex(({ key }) => key === selected) + step;
    const next = items[index];
    if (!next) return;
    event.preventDefault();
    onSelect(next.key);
    list.current?.children[index]?.querySelector("button")?.focus();
  };
  return (
    <ul
      ref={list}
      aria-label="Artifacts"
      className="overflow-auto border-line md:border-r"
      onKeyDown={move}
    >
      {items.map((artifact) => (
        <li
          key={artifact.key}
          data-class="artifacts-table-row"
          className="flex items-center border-b border-line pr-2 has-[[aria-current=true]]:bg-tint"
        >
          <button
            type="button"
            aria-current={artifact.key === selected}
            className="grid min-w-0 flex-1 gap-0.5 px-4 py-2 text-left -outline-offset-2"
            onClick={() => onSelect(artifact.key)}
          >
            <span className="truncate font-medium" title={`${artifact.key} (${artifact.path})`}>
              {artifact.key}
            </span>
            <span className="num flex gap-3 truncate text-mute">
              <span>{formatBytes(artifact.size)}</span>
              <span className="truncate">{artifact.media_type}</span>
              <TimeText iso={artifact.saved_at} />
            </span>
          </button>
          <a
            href={downloadUrl(artifact)}
            download={true}
            aria-label={`Download ${artifact.key}`}
            title={`Download ${artifact.key}`}
            className="grid size-7 shrink-0 place-items-center rounded text-mute hover:bg-panel hover:text-ink"
          >
            <Download size={15} aria-hidden="true" />
          </a>
        </li>
      ))}
    </ul>
  );
}
