import type { MetricSummary } from "@/api/client";
import { exactValue, formatInteger, formatMetric } from "@/ui/format";
import { Card } from "./card";

const HEADERS = ["last", "min", "max", "last step", "points"];

export function MetricsCard({ metrics }: { metrics: MetricSummary[] }) {
  return (
    <Card
      title="Metrics"
      count={metrics.length}
      empty="Nothing logged yet: foundations.log_metric(name, value)"
    >
      <table className="w-full">
        <thead>
          <tr className="text-left text-mute">
            <th className="py-1 pr-3 font-normal">name</th>
            {HEADERS.map((header) => (
              <th key={header} className="py-1 pl-3 text-right font-normal whitespace-nowrap">
                {header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {metrics.map((metric) => (
            <MetricRow key={metric.name} metric={metric} />
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function MetricRow({ metric }: { metric: MetricSummary }) {
  const { name, kind, last, min, max, last_step, count } = metric;
  return (
    <tr className="border-t border-line">
      <th scope="row" className="max-w-60 truncate py-1.5 pr-3 text-left font-medium" title={name}>
        {name}
      </th>
      <Value value={last} kind={kind} isStrong />
      <Value value={min} kind={kind} />
      <Value value={max} kind={kind} />
      <td className="num pl-3 text-right text-mute">{last_step ?? "–"}</td>
      <td className="num pl-3 text-right text-mute">{formatInteger(count)}</td>
    </tr>
  );
}

interface ValueProps {
  value: unknown;
  kind: string;
  isStrong?: boolean;
}

function Value({ value, kind, isStrong = false }: ValueProps) {
  return (
    <td
      className={`num max-w-40 truncate pl-3 text-right ${isStrong ? "font-semibold" : ""}`}
      title={exactValue(value)}
    >
      {formatMetric(value, kind)}
    </td>
  );
}
