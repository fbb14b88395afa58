import { useEffect, useRef } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "@/state/theme";
import { CHART_HEIGHT, chartOptions } from "./chart-options";
import type { ChartData } from "./series-data";

interface LineChartProps {
  data: ChartData;
  label: string;
  color: string;
  isLog: boolean;
  onCursor: (index: number | null) => void;
}

/** One line over steps. New points are drawn without touching the zoom or the cursor. */
export function LineChart({ data, label, color, isLog, onCursor }: LineChartProps) {
  const theme = useTheme();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const isZoomed = useRef(false);
  const latest = useRef({ data, onCursor });
  latest.current = { data, onCursor };

  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme's colours are read when drawing
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const options = chartOptions(element.clientWidth, {
      color,
      isLog,
      marks: () => latest.current.data.marks,
      onCursor: (index) => latest.current.onCursor(index),
      onZoom: (isNow) => {
        isZoomed.current ||= isNow;
      },
    });
    const made = new uPlot(options, aligned(latest.current.data), element);
    chart.current = made;
    isZoomed.current = false;
    made.over.addEventListener("dblclick", () => {
      isZoomed.current = false;
    });
    const observer = new ResizeObserver(() =>
      made.setSize({ width: element.clientWidth, height: CHART_HEIGHT }),
    );
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [color, isLog, theme]);

  useEffect(() => {
    const drawn = chart.current;
    if (!drawn) return;
    drawn.setData(aligned(data), !isZoomed.current);
    if (isZoomed.current) drawn.redraw();
  }, [data]);

  return <div ref={box} role="img" aria-label={label} className="min-h-[200px]" />;
}

function aligned({ steps, values }: ChartData): uPlot.AlignedData {
  return [steps, values];
}
