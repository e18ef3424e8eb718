import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import { describeReceived } from '../../../error/describe-received.js';
import { checkTimeline } from './check-timeline.js';
import { blockAt, stepsOf, type TimedStep, timeOfStep } from './steps-in-blocks.js';
import { TIMELINE_LANES, type Timeline, type TimelineItem } from './timeline.js';

export interface TimelineWindow {
  /** Milliseconds since the start of the run. */
  readonly since: number;
  readonly until: number;
  /** How many columns there are to draw into; what lies in one of them is drawn as one. */
  readonly columns: number;
}

const WINDOW: OptionNames<TimelineWindow> = { since: true, until: true, columns: true };

/** What is to be drawn of a timeline in a window. */
export interface TimelineView {
  readonly since: number;
  readonly until: number;
  readonly durationMs: number;
  readonly startedAt: string;
  /** Single steps where there is room for them, otherwise `undefined`. */
  readonly steps: readonly TimedStep[] | undefined;
  /** Steps that finished in each column. */
  readonly density: readonly number[];
  /** The global steps reached before and in the window. */
  readonly fromStep: number;
  readonly toStep: number;
  readonly stepCount: number;
  readonly items: readonly TimelineCluster[];
}

/** Items of one lane and kind that are too close to be told apart; most often a single one. */
export interface TimelineCluster extends TimelineItem {
  readonly count: number;
}

const COLUMNS_PER_STEP = 5;
const NEAR_COLUMNS = 3;

/**
 * Cuts a window out of a timeline, with as much detail as its columns can show. Cost grows with what lies in the
 * window, and is bounded by the recorder's summing up.
 *
 * @throws RangeError for a window that is none
 */
export function timelineView(timeline: Timeline, window: TimelineWindow): TimelineView {
  checkTimeline('timelineView(timeline)', timeline);
  checkOptions('timelineView(window)', window, WINDOW);
  const { since, until, columns } = window;
  if (!(Number.isFinite(since) && Number.isFinite(until) && since < until)) {
    throw new RangeError(`timelineView(window): expected since < until, received ${since} and ${until}`);
  }
  if (!(Number.isSafeInteger(columns) && columns >= 1 && columns <= 10_000)) {
    throw new RangeError(
      `timelineView(columns): expected a whole number from 1 to 10000, received ${describeReceived(columns)}`,
    );
  }
  const { blocks, durationMs, startedAt } = timeline;
  const width = (until - since) / columns;
  const density = new Array<number>(columns).fill(0);
  let [fromStep, toStep, stepCount] = [Number.POSITIVE_INFINITY, 0, 0];
  const first = blockAt(blocks, since);
  let last = first;
  for (; last < blocks.since.length && (blocks.since[last] as number) <= until; last++) {
    const [begin, end] = [blocks.since[last] as number, blocks.until[last] as number];
    const [from, to, count] = [blocks.from[last] as number, blocks.to[last] as number, blocks.count[last] as number];
    const share = (at: number): number => (end === begin ? 1 : Math.min(1, Math.max(0, (at - begin) / (end - begin))));
    const [shareBefore, shareUntil] = [begin >= since ? 0 : share(since), share(until)];
    fromStep = Math.min(fromStep, from + Math.floor((to - from) * shareBefore));
    toStep = Math.max(toStep, from + Math.floor((to - from) * shareUntil));
    stepCount += Math.round(count * (shareUntil - shareBefore));
    spread(density, begin, end, count, since, width);
  }
  const isRoomy = stepCount * COLUMNS_PER_STEP <= columns;
  const steps: TimedStep[] = [];
  if (isRoomy) {
    for (let i = first; i < last; i++) {
      for (const step of stepsOf(blocks, i)) if (step.at >= since && step.at <= until) steps.push(step);
    }
  }
  return {
    since,
    until,
    durationMs,
    startedAt,
    steps: isRoomy ? steps : undefined,
    density,
    fromStep: fromStep === Number.POSITIVE_INFINITY ? 0 : fromStep,
    toStep,
    stepCount,
    items: cluster(timeline.items, since, until, width),
  };
}

/** The time from before one global step to after another, with a little room at both ends. */
export function windowOfSteps(timeline: Timeline, fromStep: number, toStep: number): Omit<TimelineWindow, 'columns'> {
  checkTimeline('windowOfSteps(timeline)', timeline);
  const { blocks, durationMs } = timeline;
  const since = timeOfStep(blocks, Math.max(0, fromStep - 1)) ?? 0;
  const until = timeOfStep(blocks, toStep) ?? Math.max(1, durationMs);
  const room = Math.max(1e-4, Math.abs(until - since) * 0.05);
  return { since: Math.max(0, Math.min(since, until) - room), until: Math.max(since, until) + room };
}

/** Adds `count` steps, evenly between two times, to the columns that they fall into. */
function spread(density: number[], begin: number, end: number, count: number, since: number, width: number): void {
  const low = Math.max(0, Math.floor((begin - since) / width));
  const high = Math.min(density.length - 1, Math.floor((end - since) / width));
  if (end - begin < width) {
    if (high >= 0 && low < density.length) density[Math.max(0, high)] = (density[Math.max(0, high)] as number) + count;
    return;
  }
  for (let column = low; column <= high; column++) {
    const left = Math.max(begin, since + column * width);
    const right = Math.min(end, since + (column + 1) * width);
    if (right > left) density[column] = (density[column] as number) + (count * (right - left)) / (end - begin);
  }
}

function cluster(items: readonly TimelineItem[], since: number, until: number, width: number): TimelineCluster[] {
  const clusters: TimelineCluster[] = [];
  const lastOf = new Map<string, number>();
  for (const item of items) {
    if (item.until < since || item.since > until) continue;
    const key = `${item.lane} ${item.kind}`;
    const at = lastOf.get(key);
    const before = at === undefined ? undefined : clusters[at];
    const isSmall = item.until - item.since < width * NEAR_COLUMNS;
    if (at !== undefined && before !== undefined && isSmall && item.since - before.until < width * NEAR_COLUMNS) {
      const { phases: _, ...merged } = before;
      clusters[at] = { ...merged, until: Math.max(before.until, item.until), count: before.count + 1 };
      continue;
    }
    lastOf.set(key, clusters.length);
    clusters.push({ ...item, count: 1 });
  }
  return clusters.sort((a, b) => TIMELINE_LANES.indexOf(a.lane) - TIMELINE_LANES.indexOf(b.lane) || a.since - b.since);
}
