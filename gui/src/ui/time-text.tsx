import { serverNow } from "@/state/clock";
import { formatAgo, formatIsoLocal, formatTime } from "./format";

/** A moment in the visitor's zone; hovering tells it exactly. */
export function TimeText({ iso }: { iso: string | null }) {
  if (iso === null) return <>–</>;
  const ago = formatAgo((serverNow() - Date.parse(iso)) / 1000);
  return (
    <time dateTime={iso} title={`${formatIsoLocal(iso)} · ${ago}`} className="num">
      {formatTime(iso)}
    </time>
  );
}
