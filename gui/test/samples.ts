import type { ArtifactView, JobView, MetricSummary, ProjectView } from "@/api/client";

/** Things as the server tells them; a test names only what it is about. */
export function aJob(part: Partial<JobView> = {}): JobView {
  const number = part.number ?? 1;
  return {
    id: `job-${number}`,
    project: "bird-songs",
    number,
    name: `amber-heron-${number}`,
    status: "completed",
    reason: null,
    source: "submitted",
    user: "ada",
    command: ["main.py"],
    priority: 0,
    num_gpus: 0,
    created_at: "2026-11-24T09:00:00.000000Z",
    started_at: "2026-11-24T09:00:05.000000Z",
    ended_at: "2026-11-24T09:01:35.000000Z",
    duration_seconds: 90,
    exit_code: 0,
    error: null,
    worker: "box-1",
    queue_position: null,
    params: {},
    tags: {},
    metrics: [],
    artifact_count: 0,
    log_bytes: 0,
    cpus: null,
    ram_gb: null,
    time_limit: null,
    is_held: false,
    attempt: 1,
    gpus: [],
    after: [],
    array: null,
    array_index: null,
    schedule: null,
    ...part,
  };
}

export function aMetric(part: Partial<MetricSummary> = {}): MetricSummary {
  const base = {
    name: "loss",
    kind: "number",
    count: 3,
    last: 0.5,
    min: 0.5,
    max: 2,
    last_step: 2,
  };
  return { ...base, ...part };
}

export function aProject(part: Partial<ProjectView> = {}): ProjectView {
  return {
    name: "bird-songs",
    created_at: "2026-11-20T09:00:00.000000Z",
    updated_at: "2026-11-24T09:00:00.000000Z",
    job_count: 1,
    status_counts: { completed: 1 },
    tags: [],
    ...part,
  };
}

export function anArtifact(part: Partial<ArtifactView> = {}): ArtifactView {
  const key = part.key ?? "plot";
  return {
    key,
    path: `${key}.png`,
    sha256: "a".repeat(64),
    size: 2048,
    media_type: "image/png",
    saved_at: "2026-11-24T09:01:00.000000Z",
    url: `/api/v1/jobs/job-1/artifacts/${key}/content`,
    ...part,
  };
}
