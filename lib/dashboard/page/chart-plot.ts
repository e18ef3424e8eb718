import uPlot from 'uplot';
import type { ScalarsAnswer } from '../server/answer.js';
import { plain, shortNumber } from './format.js';
import { COLORS, isLog, runColor, runs, smoothing, xAxis, zoom } from './state.js';

const HEIGHT = 220;

/** Draws the curves of one tag into an element; the caller destroys the plot. */
export function drawPlot(
  element: HTMLElement,
  answer: ScalarsAnswer,
  width: number,
  range: readonly [number, number] | undefined,
): uPlot {
  const style = getComputedStyle(element);
  const color = (name: string): string => style.getPropertyValue(name).trim();
  const isSteps = xAxis.value === 'step';
  const usable = (value: number): number | null => (isLog.value && value <= 0 ? null : value);
  const tables = answer.series.map(({ run, steps, walls, values }) => {
    const start = walls[0] ?? 0;
    const xs = isSteps ? steps : walls.map((wall) => wall - start);
    return { run, xs, raw: values.map(usable), smooth: smoothed(values, smoothing.value).map(usable) };
  });
  const series: uPlot.Series[] = [{}];
  const isSmooth = smoothing.value > 0;
  for (const { run } of tables) {
    const stroke = color(`--run-${runColor(run) % COLORS}`);
    const label = plain(runs.value.find(({ id }) => id === run)?.name ?? run, 40);
    series.push({
      label: isSmooth ? `${label} (raw)` : label,
      stroke: isSmooth ? `${stroke}55` : stroke,
      width: isSmooth ? 1 : 1.75,
      spanGaps: true,
      points: { show: false },
    });
    if (isSmooth) series.push({ label, stroke, width: 1.75, spanGaps: true, points: { show: false } });
  }
  const data = joined(tables.map(({ xs, raw, smooth }) => [xs, raw, ...(isSmooth ? [smooth] : [])]));
  const axis = {
    stroke: color('--dim'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: color('--line'), width: 1 },
    ticks: { show: false },
  };
  const options: uPlot.Options = {
    width,
    height: HEIGHT,
    series,
    legend: { show: false },
    padding: [8, 16, 0, 0],
    cursor: { drag: { x: true, y: false, setScale: false }, points: { size: 7 }, sync: { key: 'scalars' } },
    scales: {
      x: { time: false, ...(range !== undefined ? { range: [range[0], range[1]] as [number, number] } : {}) },
      y: isLog.value ? { distr: 3 } : {},
    },
    axes: [
      {
        ...axis,
        size: 26,
        gap: 3,
        space: 80,
        values: (_, ticks) => ticks.map((tick) => (isSteps ? compact(tick) : seconds(tick))),
      },
      {
        ...axis,
        size: 54,
        gap: 5,
        values: (_, ticks) => ticks.map((tick) => (tick === null ? '' : shortNumber(tick))),
      },
    ],
    hooks: {
      setSelect: [
        (chart) => {
          const { left, width: chosen } = chart.select;
          if (chosen < 4) return;
          zoom.value = [chart.posToVal(left, 'x'), chart.posToVal(left + chosen, 'x')];
        },
      ],
      ready: [
        (chart) => {
          chart.over.addEventListener('dblclick', () => {
            zoom.value = undefined;
          });
        },
      ],
    },
    plugins: [
      tooltip(
        tables.map(({ run }) => run),
        isSmooth,
      ),
    ],
  };
  element.replaceChildren();
  return new uPlot(options, data, element);
}

/** Shows the values under the cursor. */
function tooltip(ids: readonly string[], isSmooth: boolean): uPlot.Plugin {
  const box = document.createElement('div');
  box.className = 'tooltip';
  return {
    hooks: {
      init: (chart) => {
        box.hidden = true;
        chart.over.append(box);
      },
      setCursor: (chart) => {
        const { idx, left = -1 } = chart.cursor;
        box.hidden = left < 0 || idx == null || chart.cursor.event === null;
        if (box.hidden || idx == null) return;
        const rows = [document.createElement('b')];
        const at = chart.data[0][idx];
        (rows[0] as HTMLElement).textContent = xAxis.value === 'step' ? `step ${at}` : seconds(Number(at));
        ids.forEach((id, i) => {
          const column = isSmooth ? 2 * i + 2 : i + 1;
          const value = nearest(chart.data[column] ?? [], idx);
          const raw = nearest(chart.data[isSmooth ? column - 1 : column] ?? [], idx);
          if (value === undefined) return;
          const row = document.createElement('span');
          row.className = `row color-${runColor(id)}`;
          row.textContent = isSmooth ? `${shortNumber(value)}  (${shortNumber(raw)})` : shortNumber(value);
          rows.push(row);
        });
        box.replaceChildren(...rows);
        const isRight = left > chart.over.clientWidth / 2;
        box.style.left = isRight ? '' : `${left + 12}px`;
        box.style.right = isRight ? `${chart.over.clientWidth - left + 12}px` : '';
      },
    },
  };
}

function nearest(values: ArrayLike<number | null | undefined>, index: number): number | undefined {
  for (let away = 0; away < values.length; away++) {
    const value = values[index - away] ?? values[index + away];
    if (value != null) return value;
  }
  return undefined;
}

/** An exponential mean, as TensorBoard's: without the pull of the start. */
function smoothed(values: readonly number[], weight: number): number[] {
  let mean = 0;
  let filled = 0;
  return values.map((value) => {
    if (!Number.isFinite(value)) return value;
    mean = mean * weight + (1 - weight) * value;
    filled = filled * weight + (1 - weight);
    return mean / filled;
  });
}

function joined(tables: readonly (readonly (readonly (number | null)[])[])[]): uPlot.AlignedData {
  const [first] = tables;
  if (first === undefined) return [[]];
  if (tables.length === 1) return first as unknown as uPlot.AlignedData;
  return uPlot.join(tables as unknown as uPlot.AlignedData[]);
}

function compact(value: number): string {
  if (Math.abs(value) >= 1e6) return `${Number((value / 1e6).toPrecision(4))}M`;
  return Math.abs(value) >= 1e4 ? `${Number((value / 1e3).toPrecision(4))}k` : String(Number(value.toPrecision(6)));
}

function seconds(value: number): string {
  if (value >= 3600) return `${Number((value / 3600).toPrecision(3))} h`;
  return value >= 60 ? `${Number((value / 60).toPrecision(3))} min` : `${Number(value.toPrecision(3))} s`;
}
