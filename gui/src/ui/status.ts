interface StatusLook {
  sign: string;
  tone: string;
}

const UNKNOWN: StatusLook = { sign: "?", tone: "text-mute" };

const LOOKS: Record<string, StatusLook> = {
  queued: { sign: "…", tone: "text-wait" },
  running: { sign: "▶", tone: "text-run" },
  completed: { sign: "✓", tone: "text-ok" },
  failed: { sign: "✕", tone: "text-bad" },
  stopped: { sign: "■", tone: "text-mute" },
};

export const STATUSES = ["running", "queued", "completed", "failed", "stopped"] as const;

/** Sign and colour of a status. One that this page does not know is never shown as done. */
export function statusLook(status: string): StatusLook {
  return LOOKS[status] ?? UNKNOWN;
}

export function isFinal(status: string): boolean {
  return status === "completed" || status === "failed" || status === "stopped";
}
