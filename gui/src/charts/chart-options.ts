import type uPlot from "uplot";
import type { Mark } from "./series-data";
import { formatLogTicks, formatTicks } from "./ticks";

export const CHART_HEIGHT = 200;
const LABEL_WIDTH = 7;
const MARK_SIZE = 4;
const X_AXIS_HEIGHT = 28;
const WHOLE_STEPS = Array.from({ length: 12 }, (_, power) =>
  [1, 2, 5].map((n) => n * 10 ** power),
).flat();

interface ChartLook {
  color: string;
  isLog: boolean;
  marks: () => Mark[];
  onCursor: (index: number | null) => void;
  onZoom: (isZoomed: boolean) => void;
}

/** uPlot's options for one line in the colours of the present theme. */
export function chartOptions(width: number, look: ChartLook): uPlot.Options {
  const css = getComputedStyle(document.documentElement);
  const token = (name: string) => css.getPropertyValue(name).trim() || "#888";
  const axis: uPlot.Axis = {
    stroke: token("--mute"),
    grid: { stroke: token("--line"), width: 1 },
    ticks: { show: false },
    values: (_chart, ticks) => formatTicks(ticks),
  };
  const size = (_chart: uPlot, labels: string[] | null) =>
    Math.max(36, Math.max(0, ...(labels ?? []).map(({ length }) => length)) * LABEL_WIDTH + 14);
  return {
    width,
    height: CHART_HEIGHT,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: { x: { time: false }, y: look.isLog ? { distr: 3 } : {} },
    axes: [
      { ...axis, size: X_AXIS_HEIGHT, incrs: WHOLE_STEPS },
      {
        ...axis,
        size,
        values: (_chart, ticks) => (look.isLog ? formatLogTicks : formatTicks)(ticks),
      },
    ],
    series: [{}, { stroke: look.color, width: 1.5, spanGaps: true, points: { size: 5 } }],
    hooks: {
      setCursor: [(chart) => look.onCursor(chart.cursor.idx ?? null)],
      setSelect: [(chart) => look.onZoom(chart.select.width > 0)],
      draw: [(chart) => drawMarks(chart, look.marks(), token("--bad"))],
    },
  };
}

/** NaN and the infinities: a cross on the x axis where a line would have hidden them. */
function drawMarks(chart: uPlot, marks: Mark[], color: string): void {
  const { ctx } = chart;
  const size = MARK_SIZE * devicePixelRatio;
  const y = chart.bbox.top + chart.bbox.height - size;
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = 1.5 * devicePixelRatio;
  ctx.beginPath();
  let last = Number.NEGATIVE_INFINITY;
  for (const { step } of marks) {
    const x = chart.valToPos(step, "x", true);
    // Crosses that would overlap are one.
    if (x - last < 3 * size) continue;
    last = x;
    if (x < chart.bbox.left || x > chart.bbox.left + chart.bbox.width) continue;
    ctx.moveTo(x - size, y - size);
    ctx.lineTo(x + size, y + size);
    ctx.moveTo(x - size, y + size);
    ctx.lineTo(x + size, y - size);
  }
  ctx.stroke();
  ctx.restore();
}
