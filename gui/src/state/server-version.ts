import { useSyncExternalStore } from "react";

let first: string | undefined;
let latest: string | undefined;
const listeners = new Set<() => void>();

/** Takes the version that an answer names. */
export function learnServerVersion(version: string | null): void {
  if (version === null || version === latest) return;
  first ??= version;
  latest = version;
  for (const notify of listeners) notify();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Whether the server has been upgraded since this page was loaded. */
export function useIsPageOld(): boolean {
  return useSyncExternalStore(subscribe, () => first !== latest);
}
