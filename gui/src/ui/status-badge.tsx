import { statusLook } from "./status";

export function StatusBadge({ status }: { status: string }) {
  const { sign, tone } = statusLook(status);
  return (
    <span className={`${tone} whitespace-nowrap`} data-class={`job-status-${status}`}>
      <span aria-hidden="true" className="inline-block w-4">
        {sign}
      </span>
      {status}
    </span>
  );
}
