import { type Connection, events, useConnection } from "@/api/events";
import { formatTime } from "@/ui/format";

const LOOKS: Record<Connection, { label: string; tone: string }> = {
  connecting: { label: "Connecting", tone: "text-mute" },
  live: { label: "Live", tone: "text-ok" },
  lost: { label: "Catching up", tone: "text-wait" },
  offline: { label: "Offline", tone: "text-bad" },
};

/** Whether the page is told of changes; in words beside the dot when it is not. */
export function ConnectionDot() {
  const connection = useConnection();
  const { label, tone } = LOOKS[connection];
  const explanation = explain(connection);
  return (
    <span role="status" className={`flex items-center gap-1.5 ${tone}`} title={explanation}>
      <svg width="9" height="9" viewBox="0 0 10 10" aria-hidden="true">
        <circle cx="5" cy="5" r="5" fill="currentColor" />
      </svg>
      <span className={connection === "live" ? "max-sm:sr-only" : ""}>{label}</span>
      <span className="sr-only">{explanation}</span>
    </span>
  );
}

function explain(connection: Connection): string {
  if (connection === "live") return "Changes appear by themselves.";
  if (connection === "connecting") return "";
  const since = events.lostAt === null ? "" : formatTime(new Date(events.lostAt).toISOString());
  return `No word from the server since ${since}; what is shown was loaded before.`;
}
