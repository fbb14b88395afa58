import { useIsPageOld } from "@/state/server-version";

/** The server was upgraded under this page. Reloading is left to whoever reads it. */
export function NewVersionBar() {
  if (!useIsPageOld()) return null;
  return (
    <div role="status" className="flex items-center gap-3 border-b border-line bg-tint px-4 py-1.5">
      A new version is running.
      <button type="button" className="text-accent underline" onClick={() => location.reload()}>
        Reload
      </button>
    </div>
  );
}
