import { useQuery } from "@tanstack/react-query";
import { useMemo, useRef, useState } from "react";
import type { JobView, MetricSummary } from "@/api/client";
import { type Points, seriesQuery } from "@/api/series";
import { LineChart } from "@/charts/line-chart";
import { type ChartData, lastFinite, toChartData } from "@/charts/series-data";
import { useIsNear } from "@/charts/use-is-near";
import { jobColor } from "@/ui/color";
import { exactValue, formatMetric, formatNumber } from "@/ui/format";
import { Panel } from "@/ui/panel";
import { ChartNotes } from "./chart-notes";

interface MetricCardProps {
  job: JobView;
  metric: MetricSummary;
  isLog: boolean;
}

/** A metric's chart. Far from what is seen, only its place is kept. */
export function MetricCard({ job, metric, isLog }: MetricCardProps) {
  const card = useRef<HTMLElement>(null);
  const isNear = useIsNear(card);
  const readout = useRef<HTMLSpanElement>(null);
  const isText = metric.kind === "text";
  const last = formatMetric(metric.last, metric.kind);
  return (
    <section ref={card} aria-label={metric.name} className="card self-start p-3">
      <div className="mb-1 flex items-baseline gap-3">
        <h2 className="min-w-0 truncate font-semibold" title={metric.name}>
          {metric.name}
        </h2>
        <span ref={readout} className="num ml-auto shrink-0 text-mute" />
        <span
          className="num max-w-[50%] shrink-0 truncate font-semibold"
          title={exactValue(metric.last)}
        >
          {last}
        </span>
      </div>
      <div className={isText ? "" : "min-h-[224px]"}>
        {isText && (
          <p className="text-mute">A text has no chart; this is the last of {metric.count}.</p>
        )}
        {isNear && !isText && (
          <MetricChart job={job} metric={metric} isLog={isLog} readout={readout} />
        )}
      </div>
    </section>
  );
}

interface MetricChartProps extends MetricCardProps {
  readout: React.RefObject<HTMLSpanElement | null>;
}

function MetricChart({ job, metric, isLog, readout }: MetricChartProps) {
  const query = useQuery(seriesQuery(job.id, metric.name));
  return (
    <Panel what={metric.name} query={query} rows={5}>
      {(points) => (
        <LoadedChart
          points={points}
          name={metric.name}
          number={job.number}
          isLog={isLog}
          readout={readout}
        />
      )}
    </Panel>
  );
}

interface LoadedChartProps {
  points: Points;
  name: string;
  number: number;
  isLog: boolean;
  readout: React.RefObject<HTMLSpanElement | null>;
}

function LoadedChart({ points, name, number, isLog, readout }: LoadedChartProps) {
  const [isTable, setIsTable] = useState(false);
  const data = useMemo(() => toChartData(points.steps, points.values, isLog), [points, isLog]);
  // Written past React: the pointer moves more often than a page should be made anew.
  const showCursor = (index: number | null) => {
    if (readout.current) readout.current.textContent = describePoint(points, data, index);
  };
  return (
    <>
      <LineChart
        data={data}
        label={summarise(name, data)}
        color={jobColor(number)}
        isLog={isLog}
        onCursor={showCursor}
      />
      <ChartNotes data={data} points={points} isTable={isTable} onTable={setIsTable} />
    </>
  );
}

function describePoint(points: Points, data: ChartData, index: number | null): string {
  if (index === null) return "";
  const value = data.values[index];
  const step = data.steps[index];
  const shown =
    value == null ? (data.marks.find((mark) => mark.step === step)?.sign ?? "–") : value;
  const text = typeof shown === "number" ? formatNumber(shown) : shown;
  return points.steps.length === 0 ? "" : `step ${step}: ${text} ·`;
}

function summarise(name: string, data: ChartData): string {
  const last = lastFinite(data);
  const end = last === null ? "" : `, the last value is ${formatNumber(last)}`;
  const steps = `from step ${data.steps[0] ?? 0} to ${data.steps.at(-1) ?? 0}`;
  return `${name}: a line of ${data.steps.length} points ${steps}${end}`;
}
