import './timeline.css';
import { signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { TimelineCluster, TimelineView } from '../../index.js';
import { count, duration } from './format.js';
import { source } from './source.js';
import { details, focus, version } from './state.js';
import { Axis, Item, LABEL_WIDTH, MARBLE, Steps } from './timeline-drawing.js';
import { Legend, TimelineTable, wordsOf } from './timeline-words.js';

const LANES = ['steps', 'saves', 'holds', 'stalls', 'events', 'recoveries', 'errors'] as const;
const ALWAYS: readonly string[] = ['steps', 'saves', 'holds', 'errors'];
const RIGHT_ROOM = 14;
const ROW = 34;
const AXIS = 26;
const TOP = 8;
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
  const crowded = crowdedSaves(shown.items, x);

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
              isCrowded={crowded.has(item)}
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

/** The saves whose marbles would lie over one another. */
function crowdedSaves(items: readonly TimelineCluster[], x: (at: number) => number): ReadonlySet<TimelineCluster> {
  const saves = items.filter(({ lane }) => lane === 'saves').sort((a, b) => a.until - b.until);
  const crowded = new Set<TimelineCluster>();
  for (const [i, save] of saves.entries()) {
    const next = saves[i + 1];
    if (next === undefined || x(next.until) - x(save.until) >= 2 * MARBLE + 2) continue;
    crowded.add(save);
    crowded.add(next);
  }
  return crowded;
}
