import { signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { TimelineCluster, TimelineView } from '../../index.js';
import { count, duration, plain } from './format.js';
import { source } from './source.js';
import { details, focus, version } from './state.js';

const LANES = ['steps', 'saves', 'holds', 'stalls', 'events', 'recoveries', 'errors'] as const;
const ALWAYS: readonly string[] = ['steps', 'saves', 'holds', 'errors'];
const LABEL_WIDTH = 92;
const RIGHT_ROOM = 14;
const ROW = 34;
const AXIS = 26;
const TOP = 8;
const MARBLE = 8;
const ZOOM_STEP = 1.6;

/** What is looked at, in milliseconds since the start; the whole run if there is no range. */
export const timelineRange = signal<readonly [number, number] | undefined>(undefined);

/** What happened and when: lanes of marbles, from the whole run to single steps. */
export function TimelinePanel() {
  const box = useRef<HTMLDivElement>(null);
  const width = useSignal(900);
  const view = useSignal<TimelineView | undefined>(undefined);
  const hovered = useSignal<TimelineCluster | undefined>(undefined);
  const drag = useSignal<readonly [number, number] | undefined>(undefined);

  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) width.value = Math.max(320, entry.contentRect.width);
    });
    if (box.current !== null) observer.observe(box.current);
    return () => observer.disconnect();
  }, []);

  const run = focus.value;
  const range = timelineRange.value;
  const columns = Math.min(4000, Math.max(10, Math.round(width.value - LABEL_WIDTH - RIGHT_ROOM)));
  useEffect(() => {
    if (run === undefined || details.value?.id !== run) return;
    let isCurrent = true;
    void source.timeline(run, { since: range?.[0], until: range?.[1], columns }).then(
      (answer) => {
        if (isCurrent) view.value = answer;
      },
      () => {
        view.value = undefined;
      },
    );
    return () => {
      isCurrent = false;
    };
  }, [run, range, columns, version.value]);

  const shown = view.value;
  if (shown === undefined) return <section class="card timeline" ref={box} aria-label="Timeline" />;
  const { since, until, durationMs } = shown;
  const x = (at: number): number => LABEL_WIDTH + ((at - since) / (until - since)) * columns;
  const timeAt = (pixel: number): number => since + ((pixel - LABEL_WIDTH) / columns) * (until - since);
  const lanes = LANES.filter((lane) => ALWAYS.includes(lane) || shown.items.some((item) => item.lane === lane));
  const rowOf = (lane: string): number => lanes.indexOf(lane as (typeof LANES)[number]) * ROW + ROW / 2 + TOP;
  const height = lanes.length * ROW + TOP + AXIS;

  const look = (from: number, to: number): void => {
    const length = Math.min(Math.max(to - from, 0.001), Math.max(1, durationMs));
    const begin = Math.min(Math.max(0, from), Math.max(0, durationMs - length));
    timelineRange.value = length >= durationMs * 0.999 ? undefined : [begin, begin + length];
  };
  const zoomBy = (factor: number, around = (since + until) / 2): void =>
    look(around - (around - since) * factor, around + (until - around) * factor);
  const pan = (share: number): void => look(since + (until - since) * share, until + (until - since) * share);

  const onKeyDown = (event: KeyboardEvent): void => {
    const acts: Readonly<Record<string, () => void>> = {
      '+': () => zoomBy(1 / ZOOM_STEP),
      '=': () => zoomBy(1 / ZOOM_STEP),
      '-': () => zoomBy(ZOOM_STEP),
      '0': () => {
        timelineRange.value = undefined;
      },
      ArrowLeft: () => pan(-0.2),
      ArrowRight: () => pan(0.2),
      Home: () => look(0, until - since),
      End: () => look(durationMs - (until - since), durationMs),
    };
    const act = acts[event.key];
    if (act === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    act();
  };
  const pixelOf = (event: MouseEvent): number => {
    const left = (event.currentTarget as Element).getBoundingClientRect().left;
    return Math.min(width.value, Math.max(LABEL_WIDTH, event.clientX - left));
  };

  const told = `${count(shown.stepCount)} steps in ${duration(until - since)}`;
  return (
    <section class="card timeline" ref={box} aria-labelledby="timeline-title">
      <header>
        <h2 id="timeline-title">Timeline</h2>
        <span class="sub number" aria-live="polite">
          steps {count(shown.fromStep)}–{count(shown.toStep)} · {told}
        </span>
        <span class="spacer" />
        <div class="buttons">
          <StepRange look={look} />
          <button type="button" aria-label="Zoom out" onClick={() => zoomBy(ZOOM_STEP)}>
            −
          </button>
          <button type="button" aria-label="Zoom in" onClick={() => zoomBy(1 / ZOOM_STEP)}>
            +
          </button>
          <button
            type="button"
            disabled={range === undefined}
            onClick={() => {
              timelineRange.value = undefined;
            }}
          >
            Whole run
          </button>
        </div>
      </header>

      <svg
        width={width.value}
        height={height}
        role="img"
        tabindex={0}
        aria-label={`Timeline: ${told}. Plus and minus zoom, arrows move, 0 shows the whole run.`}
        onKeyDown={onKeyDown}
        onWheel={(event) => {
          if (!event.ctrlKey && !event.metaKey) return;
          event.preventDefault();
          zoomBy(event.deltaY > 0 ? ZOOM_STEP : 1 / ZOOM_STEP, timeAt(pixelOf(event)));
        }}
        onMouseDown={(event) => {
          drag.value = [pixelOf(event), pixelOf(event)];
        }}
        onMouseMove={(event) => {
          if (drag.value !== undefined) drag.value = [drag.value[0], pixelOf(event)];
        }}
        onMouseUp={() => {
          const ends = drag.value;
          drag.value = undefined;
          if (ends === undefined || Math.abs(ends[1] - ends[0]) < 4) return;
          look(timeAt(Math.min(...ends)), timeAt(Math.max(...ends)));
        }}
        onMouseLeave={() => {
          drag.value = undefined;
          hovered.value = undefined;
        }}
        onDblClick={() => {
          timelineRange.value = undefined;
        }}
      >
        <title>{told}</title>
        {lanes.map((lane) => (
          <g key={lane}>
            <text class="lane" x={0} y={rowOf(lane) + 4}>
              {lane}
            </text>
            <line class="wire" x1={LABEL_WIDTH} x2={width.value} y1={rowOf(lane)} y2={rowOf(lane)} />
          </g>
        ))}
        <Steps view={shown} x={x} y={rowOf('steps')} columns={columns} />
        {shown.items
          .filter(({ lane }) => lanes.includes(lane as (typeof LANES)[number]))
          // Failures lie on top.
          .sort((a, b) => Number(a.kind === 'saveFailed') - Number(b.kind === 'saveFailed'))
          .map((item, i) => (
            <Item
              key={`${i} ${item.lane} ${item.since}`}
              item={item}
              x={x}
              y={rowOf(item.lane)}
              right={width.value}
              onHover={() => {
                hovered.value = item;
              }}
            />
          ))}
        <Axis since={since} until={until} x={x} y={lanes.length * ROW + TOP} width={width.value} />
        {drag.value !== undefined && (
          <rect
            class="drag"
            x={Math.min(...drag.value)}
            y={0}
            width={Math.abs(drag.value[1] - drag.value[0])}
            height={lanes.length * ROW}
          />
        )}
      </svg>
      <p class="told" aria-live="polite">
        {hovered.value === undefined ? <Legend view={shown} /> : <span>{wordsOf(hovered.value)}</span>}
      </p>
      <TimelineTable view={shown} />
    </section>
  );
}

function StepRange({ look }: { readonly look: (from: number, to: number) => void }) {
  const text = useSignal('');
  const go = async (): Promise<void> => {
    const match = /^\s*(\d+)\s*(?:[-–]\s*(\d+)\s*)?$/.exec(text.value);
    const id = focus.value;
    if (match === null || id === undefined) return;
    const [from, to] = [Number(match[1]), Number(match[2] ?? match[1])].sort((a, b) => a - b) as [number, number];
    const { since, until } = await source.timeline(id, { steps: [from, to], columns: 10 });
    look(since, until);
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void go();
      }}
    >
      <input
        class="steps-field"
        aria-label="Steps to look at, such as 1195-1205"
        placeholder="steps, e.g. 40-60"
        value={text.value}
        onInput={(event) => {
          text.value = event.currentTarget.value;
        }}
      />
    </form>
  );
}

interface Place {
  readonly x: (at: number) => number;
  readonly y: number;
}

function Steps({ view, x, y, columns }: Place & { readonly view: TimelineView; readonly columns: number }) {
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

function Item({
  item,
  x,
  y,
  right,
  onHover,
}: Place & { readonly item: TimelineCluster; readonly right: number; readonly onHover: () => void }) {
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
        <Marble letter={phases.at(-1)?.letter ?? ''} x={Math.min(right - MARBLE, end)} y={y} />
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

function Marble({ letter, x, y }: { readonly letter: string; readonly x: number; readonly y: number }) {
  return (
    <g class={`marble marble-${/^[a-z]$/.test(letter) ? letter : 'other'}`}>
      <circle cx={x} cy={y} r={MARBLE} />
      <text x={x} y={y + 3.5}>
        {letter}
      </text>
    </g>
  );
}

function MarkShape({ lane, x, y }: { readonly lane: string; readonly x: number; readonly y: number }) {
  if (lane === 'errors')
    return <path d={`M${x - 6},${y - 6} L${x + 6},${y + 6} M${x + 6},${y - 6} L${x - 6},${y + 6}`} />;
  if (lane === 'recoveries') return <path d={`M${x - 6},${y + 6} L${x},${y - 7} L${x + 6},${y + 6} Z`} />;
  return <path d={`M${x},${y - 6} L${x + 5},${y} L${x},${y + 6} L${x - 5},${y} Z`} />;
}

function Axis({
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

const LEGEND: readonly (readonly [string, string])[] = [
  ['b', 'before save'],
  ['s', 'snapshot taken'],
  ['w', 'written in the background'],
  ['a', 'after save'],
  ['x', 'failed'],
  ['k', 'skipped'],
];

function Legend({ view }: { readonly view: TimelineView }) {
  const letters = new Set(view.items.flatMap(({ phases }) => (phases ?? []).map(({ letter }) => letter)));
  return (
    <span class="legend">
      {LEGEND.filter(([letter]) => letters.has(letter)).map(([letter, words]) => (
        <span key={letter}>
          <b class={`marble-key marble-${letter}`}>{letter}</b> {words}
        </span>
      ))}
      <span>drag to zoom · double click for the whole run</span>
    </span>
  );
}

const WORDS: Readonly<Record<string, string>> = {
  saved: 'saved',
  saveFailed: 'save failed',
  cut: 'save cut short',
  saving: 'saving',
  skipped: 'save skipped',
  hold: 'hold',
  stall: 'stall',
};

function wordsOf(item: TimelineCluster): string {
  const what = WORDS[item.kind] ?? plain(item.kind);
  const length = item.until > item.since ? ` · ${duration(item.until - item.since)}` : '';
  if (item.count > 1) return `${item.count} × ${what}, from step ${count(item.step)}${length}`;
  return `step ${count(item.step)} · ${what}${length}${item.label === '' ? '' : ` · ${plain(item.label, 240)}`}`;
}

/** The same in words, for who does not see the picture. */
function TimelineTable({ view }: { readonly view: TimelineView }) {
  const items = view.items.filter(({ lane }) => lane !== 'processes').slice(0, 100);
  return (
    <table class="unseen">
      <caption>What happened in this part of the run</caption>
      <tbody>
        {items.map((item, i) => (
          <tr key={i}>
            <th scope="row">{item.lane}</th>
            <td>{wordsOf(item)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
