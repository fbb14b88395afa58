import { useServerSeconds } from "@/state/clock";
import { formatDuration } from "@/ui/format";

export function WaitedText({ since }: { since: string }) {
  const now = useServerSeconds(true);
  return <>{formatDuration(Math.max(0, Math.floor(now - Date.parse(since) / 1000)))}</>;
}
