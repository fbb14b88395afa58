import type { Points } from "@/api/series";
import type { ChartData } from "@/charts/series-data";
import { formatCount, formatMetric } from "@/ui/format";

const MAX_ROWS = 1000;

interface ChartNotesProps {
  data: ChartData;
  points: Points;
  isTable: boolean;
  onTable: (isTable: boolean) => void;
}

/** What the picture cannot say: special values, and all of it as a table. */
export function ChartNotes({ data, points, isTable, onTable }: ChartNotesProps) {
  return (
    <div className="grid gap-1 text-xs">
      <div className="flex flex-wrap gap-x-3 text-mute">
        {data.marks.length > 0 && (
          <span className="text-bad">
            <span aria-hidden="true">✕ </span>
            {describeMarks(data)}
          </span>
        )}
        {data.hiddenCount > 0 && (
          <span>{formatCount(data.hiddenCount, "value")} of 0 or less not shown on this scale</span>
        )}
        <button
          type="button"
          className="ml-auto min-h-6 underline"
          aria-expanded={isTable}
          onClick={() => onTable(!isTable)}
        >
          {isTable ? "Hide table" : "Show as table"}
        </button>
      </div>
      {isTable && <PointTable points={points} />}
    </div>
  );
}

/** `2 NaN from step 40, 1 ∞ from step 44`. */
export function describeMarks({ marks }: Pick<ChartData, "marks">): string {
  const signs = [...new Set(marks.map(({ sign }) => sign))];
  return signs
    .map((sign) => {
      const same = marks.filter((mark) => mark.sign === sign);
      return `${same.length} ${sign} from step ${same[0]?.step}`;
    })
    .join(", ");
}

function PointTable({ points }: { points: Points }) {
  const first = Math.max(0, points.steps.length - MAX_ROWS);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls by keyboard
    <div tabIndex={0} className="max-h-60 overflow-auto">
      <table className="num w-full text-right">
        <caption className="sr-only">The last {MAX_ROWS} points at most</caption>
        <thead>
          <tr className="text-mute">
            <th className="font-normal">step</th>
            <th className="font-normal">value</th>
          </tr>
        </thead>
        <tbody>
          {points.steps.slice(first).map((step, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: points are only ever added at the end
            <tr key={first + index} className="border-t border-line">
              <td>{step}</td>
              <td>{formatMetric(points.values[first + index], points.kind)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
