import { Link } from "@tanstack/react-router";
import type { JobView } from "@/api/client";

/** Why the job waits, in the server's words. */
export function WaitingBox({ job }: { job: JobView }) {
  return (
    <section aria-label="Why it waits" className="card border-wait p-4">
      <h2 className="font-semibold text-wait">
        <span aria-hidden="true">… </span>
        {job.queue_position === null ? "Waiting" : `Waiting at position ${job.queue_position}`}
      </h2>
      <p className="mt-1">{job.reason ?? "It has not been placed on a worker yet."}</p>
      <Link to="/queue" className="mt-2 inline-block text-accent underline">
        See what runs and what waits
      </Link>
    </section>
  );
}
