import { useServerSeconds } from "@/state/clock";
import { formatDuration } from "./format";

interface Timed {
  status: string;
  started_at: string | null;
  duration_seconds: number | null;
}

/** How long a job has run: ticks while it runs. */
export function DurationText({ job }: { job: Timed }) {
  const isRunning = job.status === "running" && job.started_at !== null;
  const now = useServerSeconds(isRunning);
  return <span className="num">{formatDuration(durationOf(job, now))}</span>;
}

/** Seconds, or null for a job that never ran. */
export function durationOf(job: Timed, nowSeconds: number): number | null {
  if (job.status !== "running" || job.started_at === null) return job.duration_seconds;
  return Math.max(0, Math.floor(nowSeconds - Date.parse(job.started_at) / 1000));
}
