import type { JobPage, JobView, MetricSummary } from "@/api/client";
import type { Sort } from "@/state/url";
import { durationOf } from "@/ui/duration-text";
import { formatMetric, formatValue, toNumber } from "@/ui/format";

export type Group = "Job" | "Parameters" | "Metrics";
type SortValue = number | string | null;

export interface Column {
  id: string;
  label: string;
  group: Group;
  width: number;
  isNumeric: boolean;
  sortValue: (job: JobView, now: number) => SortValue;
}

/** More than this nobody reads, and each costs in every row. */
export const MAX_COLUMNS = 200;
export const SHOWN_TAGS = 2;

const attribute = (
  id: string,
  width: number,
  sortValue: Column["sortValue"],
  isNumeric = false,
) => ({
  id,
  label: id,
  group: "Job" as const,
  width,
  isNumeric,
  sortValue,
});

const ATTRIBUTES: Column[] = [
  attribute("name", 190, (job) => job.number),
  attribute("status", 118, (job) => job.status),
  attribute("started", 118, (job) => job.started_at ?? null),
  attribute("duration", 96, durationOf, true),
  attribute("user", 96, (job) => job.user || null),
];

export function metricOf(job: JobView, name: string): MetricSummary | undefined {
  return job.metrics.find((metric) => metric.name === name);
}

/** The columns of a page: what every job has, then its parameters, then its metrics. */
export function buildColumns(
  names: Pick<JobPage, "param_names" | "metric_names">,
  jobs: JobView[],
): Column[] {
  const params = names.param_names.map((name) => paramColumn(name, jobs));
  const metrics = names.metric_names.map((name) => metricColumn(name, jobs));
  return [...ATTRIBUTES, tagsColumn(jobs), ...params, ...metrics].slice(0, MAX_COLUMNS);
}

function tagsColumn(jobs: JobView[]): Column {
  const widths = jobs.map(({ tags }) => {
    const shown = Object.entries(tags).slice(0, SHOWN_TAGS);
    const letters = shown.reduce((sum, [key, value]) => sum + key.length + value.length + 1, 0);
    return letters * LETTER + shown.length * TAG_FRAME;
  });
  const width = Math.min(Math.ceil((Math.max(0, ...widths) + PADDING) / 20) * 20, MAX_WIDTH);
  const sortValue = (job: JobView) => Object.keys(job.tags).sort().join(" ") || null;
  return attribute("tags", Math.max(width, 80), sortValue);
}

function paramColumn(name: string, jobs: JobView[]): Column {
  const values = jobs.map((job) => job.params[name]).filter((value) => value != null);
  return {
    id: `param.${name}`,
    label: name,
    group: "Parameters",
    width: fitWidth(name, values.map(formatValue)),
    isNumeric: values.length > 0 && values.every((value) => toNumber(value) !== null),
    sortValue: (job) => toSortValue(job.params[name]),
  };
}

function metricColumn(name: string, jobs: JobView[]): Column {
  const metrics = jobs.flatMap((job) => metricOf(job, name) ?? []);
  return {
    id: `metric.${name}`,
    label: name,
    group: "Metrics",
    width: fitWidth(
      name,
      metrics.map(({ last, kind }) => formatMetric(last, kind)),
    ),
    isNumeric: metrics.every(({ kind }) => kind === "number"),
    sortValue: (job) => toSortValue(metricOf(job, name)?.last),
  };
}

const LETTER = 7.2;
const MAX_WIDTH = 240;
const TAG_FRAME = 22; // border, padding and gap of one tag
const PADDING = 28; // with room for the arrow of the sort

/** Steps of 20 px, so that a column does not tremble while its numbers change. */
function fitWidth(label: string, texts: string[]): number {
  const longest = texts.reduce((length, text) => Math.max(length, text.length), label.length);
  const width = Math.ceil((longest * LETTER + PADDING) / 20) * 20;
  return Math.min(Math.max(width, 60), MAX_WIDTH);
}

function toSortValue(value: unknown): SortValue {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return Number(value);
  return toNumber(value) ?? (typeof value === "string" ? value : JSON.stringify(value));
}

/** Sorted copies; what is missing comes last both ways, and NaN just before it. */
export function sortJobs(
  jobs: JobView[],
  columns: Column[],
  sort: Sort | null,
  now: number,
): JobView[] {
  const column = columns.find(({ id }) => id === sort?.column);
  if (sort === null || column === undefined) return jobs;
  const direction = sort.isDescending ? -1 : 1;
  return jobs
    .map((job) => ({ job, value: column.sortValue(job, now) }))
    .sort((a, b) => rank(a.value) - rank(b.value) || direction * compare(a.value, b.value))
    .map(({ job }) => job);
}

function rank(value: SortValue): number {
  if (value === null) return 2;
  return Number.isNaN(value) ? 1 : 0;
}

function compare(a: SortValue, b: SortValue): number {
  if (typeof a === "number" && typeof b === "number") return a === b ? 0 : a - b;
  return String(a ?? "").localeCompare(String(b ?? ""), "en", { numeric: true });
}
