import type { TimelineCluster, TimelineView } from '../../index.js';
import { duration, plain } from './format.js';

/** Where names of lanes end, and time begins. */
export const LABEL_WIDTH = 92;
/** The radius of a marble. */
export const MARBLE = 8;
const DOT = 4;

interface Place {
  readonly x: (at: number) => number;
  readonly y: number;
}

export function Steps({ view, x, y, columns }: Place & { readonly view: TimelineView; readonly columns: number }) {
  if (view.steps !== undefined) {
    const room = view.steps.length === 0 ? 100 : columns / view.steps.length;
    return (
      <g>
        {view.steps.map(({ step, at }) => (
          <g key={step} class="step">
            <circle cx={x(at)} cy={y} r={room > 22 ? MARBLE : room > 9 ? 4 : 2.5} />
            {room > 44 && (
              <text class="inside-label" x={x(at)} y={y - MARBLE - 3}>
                {step}
              </text>
            )}
          </g>
        ))}
      </g>
    );
  }
  const most = Math.max(...view.density, 1e-9);
  const top = (value: number): number => y + 11 - 22 * Math.sqrt(value / most);
  const points = view.density.map((value, column) => `${LABEL_WIDTH + column},${top(value).toFixed(1)}`);
  const path = `M${LABEL_WIDTH},${y + 11} L${points.join(' ')} L${LABEL_WIDTH + columns},${y + 11} Z`;
  return <path class="density" d={path} />;
}

export function Item({
  item,
  isCrowded,
  x,
  y,
  right,
  onHover,
}: Place & {
  readonly item: TimelineCluster;
  /** Whether its marble would lie over another one: then it is a dot, unless it tells of a failure. */
  readonly isCrowded: boolean;
  readonly right: number;
  readonly onHover: () => void;
}) {
  const begin = Math.max(LABEL_WIDTH, x(item.since));
  const end = Math.min(right, Math.max(begin, x(item.until)));
  const kind = `item lane-${item.lane} kind-${/^[\w-]+$/.test(item.kind) ? item.kind : 'other'}`;
  const isMark = item.until === item.since;
  const phases = item.phases ?? [];
  const room = end - begin;
  const fits = phases.length > 1 && room > phases.length * MARBLE * 1.6;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: what it says is in the table as well
    <g class={kind} onMouseEnter={onHover}>
      {isMark ? (
        <MarkShape lane={item.lane} x={begin} y={y} />
      ) : (
        <rect x={begin} y={y - 5} width={Math.max(3, room)} height={10} rx={5} />
      )}
      {fits &&
        phases
          .filter(({ at }) => x(at) >= LABEL_WIDTH && x(at) <= right)
          .map(({ letter, at }) => (
            <Marble key={`${letter}${at}`} letter={letter} x={x(at) + (letter === 'w' ? 2 * MARBLE : 0)} y={y} />
          ))}
      {!isMark && !fits && item.lane === 'saves' && item.count === 1 && (
        <Marble
          letter={phases.at(-1)?.letter ?? ''}
          x={Math.min(right - MARBLE, end)}
          y={y}
          isDot={isCrowded && item.kind !== 'saveFailed' && item.kind !== 'cut'}
        />
      )}
      {item.count > 1 && room > 26 && (
        <text class="count" x={begin + room / 2} y={y + 3.5}>
          {item.count}
        </text>
      )}
      {!isMark && item.lane === 'holds' && item.count === 1 && room > item.label.length * 6.4 + 12 && (
        <text class="count" x={begin + room / 2} y={y + 3.5}>
          {plain(item.label, 40)}
        </text>
      )}
    </g>
  );
}

interface MarbleProps {
  readonly letter: string;
  readonly x: number;
  readonly y: number;
  readonly isDot?: boolean;
}

function Marble({ letter, x, y, isDot = false }: MarbleProps) {
  return (
    <g class={`marble marble-${/^[a-z]$/.test(letter) ? letter : 'other'}`}>
      <circle cx={x} cy={y} r={isDot ? DOT : MARBLE} />
      {!isDot && (
        <text x={x} y={y + 3.5}>
          {letter}
        </text>
      )}
    </g>
  );
}

function MarkShape({ lane, x, y }: { readonly lane: string; readonly x: number; readonly y: number }) {
  if (lane === 'errors')
    return <path d={`M${x - 6},${y - 6} L${x + 6},${y + 6} M${x + 6},${y - 6} L${x - 6},${y + 6}`} />;
  if (lane === 'recoveries') return <path d={`M${x - 6},${y + 6} L${x},${y - 7} L${x + 6},${y + 6} Z`} />;
  return <path d={`M${x},${y - 6} L${x + 5},${y} L${x},${y + 6} L${x - 5},${y} Z`} />;
}

export function Axis({
  since,
  until,
  x,
  y,
  width,
}: Place & { readonly since: number; readonly until: number; readonly width: number }) {
  const ticks = ticksBetween(since, until, Math.max(3, Math.floor(width / 130)));
  return (
    <g class="axis">
      <line x1={LABEL_WIDTH} x2={width} y1={y} y2={y} />
      {ticks.map((at) => (
        <g key={at}>
          <line x1={x(at)} x2={x(at)} y1={y} y2={y + 4} />
          <text x={Math.min(x(at), width - 24)} y={y + 17}>
            {duration(at)}
          </text>
        </g>
      ))}
    </g>
  );
}

const NICE_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200, 86_400];

function ticksBetween(since: number, until: number, most: number): readonly number[] {
  const rough = (until - since) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const decimal = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? power * 10;
  const size =
    rough >= 1000
      ? (NICE_SECONDS.find((seconds) => seconds * 1000 >= rough) ?? 86_400 * Math.ceil(rough / 86_400_000)) * 1000
      : decimal;
  const ticks: number[] = [];
  for (let at = Math.ceil(since / size) * size; at <= until && ticks.length < 50; at += size) ticks.push(at);
  return ticks;
}
