import { useEffect } from "react";

/** `amber-heron-12 · bird-songs · Atlas` in the browser's tab. */
export function usePageTitle(...parts: string[]): void {
  const title = [...parts, "Atlas"].join(" · ");
  useEffect(() => {
    document.title = title;
  }, [title]);
}
