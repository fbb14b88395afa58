import { useSyncExternalStore } from "react";

// Running durations tick by the server's clock: the visitor's may be hours off.
let offsetMs = 0;

/** Takes the server's time from a `Date` header, which is whole seconds. */
export function learnServerTime(date: string | null, ownNow = Date.now()): void {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return;
  const measured = theirs + 500 - ownNow;
  // The header's own rounding is no news.
  if (Math.abs(measured - offsetMs) > 1000) offsetMs = measured;
}

export function serverNow(ownNow = Date.now()): number {
  return ownNow + offsetMs;
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    for (const notify of listeners) notify();
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

const wholeSecond = () => Math.floor(serverNow() / 1000);
const never = () => () => {};

/** The server's time in seconds; renders again each second while `isTicking`. */
export function useServerSeconds(isTicking: boolean): number {
  return useSyncExternalStore(isTicking ? subscribe : never, wholeSecond);
}
