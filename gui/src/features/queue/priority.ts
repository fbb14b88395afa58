const NAMES: Record<number, string> = { [-10]: "low", 0: "normal", 10: "high" };

/** Three priorities have names; any whole number is one. */
export function formatPriority(priority: number): string {
  return NAMES[priority] ?? String(priority);
}
