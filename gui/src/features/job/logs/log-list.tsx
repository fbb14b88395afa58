import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { formatCount } from "@/ui/format";
import { afterScroll, FOLLOWING, newLineCount } from "./follow";
import { LogLine } from "./log-line";
import type { LogState } from "./log-reader";

const LINE_HEIGHT = 18;
const OVERSCAN = 20;

interface LogListProps {
  state: LogState;
  /** Said under the last line once nothing can follow. */
  ending: string | null;
}

/** The lines in sight, out of any number. Stays at the end until one scrolls up. */
export function LogList({ state, ending }: LogListProps) {
  const box = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState(FOLLOWING);
  const count = state.lines.length;
  const rows = useVirtualizer({
    count,
    getScrollElement: () => box.current,
    estimateSize: () => LINE_HEIGHT,
    overscan: OVERSCAN,
  });

  const scrollToEnd = () => {
    if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: each change of the log scrolls anew
  useEffect(() => {
    if (follow.isFollowing) scrollToEnd();
  }, [state.version, follow.isFollowing, ending]);

  const onScroll = () => {
    const element = box.current;
    if (!element) return;
    const { scrollTop: top, scrollHeight, clientHeight } = element;
    setFollow(afterScroll(follow, { top, gap: scrollHeight - clientHeight - top }, count));
  };
  const unseen = newLineCount(follow, count);
  const hasNumbers = state.skippedBytes === 0;
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={box}
        role="log"
        aria-live="off"
        aria-label="Log"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard
        tabIndex={0}
        data-class="logs-container"
        className="min-h-0 flex-1 overflow-auto border-t border-line bg-panel py-1 font-mono text-xs -outline-offset-2"
        onScroll={onScroll}
      >
        <div className="relative min-w-max" style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start }) => (
            <LogLine
              key={index}
              text={state.lines[index] ?? ""}
              number={hasNumbers ? index + 1 : null}
              top={start}
            />
          ))}
        </div>
        {ending && <p className="sticky left-0 w-max px-4 pt-1 text-mute">— {ending} —</p>}
      </div>
      {!follow.isFollowing && (
        <button
          type="button"
          className="button absolute right-5 bottom-4 shadow-md"
          onClick={() => setFollow({ ...FOLLOWING, seen: count })}
        >
          ↓ {unseen > 0 ? formatCount(unseen, "new line") : "Follow"}
        </button>
      )}
    </div>
  );
}
