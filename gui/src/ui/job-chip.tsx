import { jobColor } from "./color";

/** The dot in the job's colour. The colour says nothing that the text beside it does not. */
export function JobChip({ number }: { number: number }) {
  return (
    <svg width="10" height="10" viewBox="0 0 10 10" className="shrink-0" aria-hidden="true">
      <circle cx="5" cy="5" r="5" fill={jobColor(number)} />
    </svg>
  );
}
