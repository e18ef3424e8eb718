import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import { describeReceived } from '../../../error/describe-received.js';
import { checkTimeline } from './check-timeline.js';
import { stepsOf } from './steps-in-blocks.js';
import type { Timeline, TimelineItem } from './timeline.js';

export interface DrawTimelineOptions {
  /** The global steps to draw. @default all */
  readonly fromStep?: number | undefined;
  readonly toStep?: number | undefined;
  /** How wide a line may become, in characters. @default 100 */
  readonly width?: number | undefined;
}

const OPTIONS: OptionNames<DrawTimelineOptions> = { fromStep: true, toStep: true, width: true };

interface Mark {
  readonly at: number;
  readonly lane: 'steps' | 'saves' | 'holds' | 'errors';
  readonly letter: string;
}

const NAME_WIDTH = 8;
const LETTERS_PER_COLUMN = 2;
const ORDER = ['steps', 'holds', 'saves', 'errors'] as const;
const LETTERS: Readonly<Record<string, string>> = {
  s: 'step',
  b: 'before-save',
  S: 'snapshot taken',
  w: 'written in the background',
  a: 'after-save',
  x: 'failed',
  k: 'skipped',
  h: 'hold begins',
  H: 'hold is over',
  z: 'stall',
  '!': 'error',
  r: 'recovery',
  R: 'resume',
};

/**
 * Draws what happened as marbles: every mark has a column of its own, in the order in which things happened, so that
 * the lanes can be read against each other. Columns have no length in time. Where there are more steps than columns, a
 * mark stands for several, and the legend says for how many.
 *
 *     steps   -s-s-------------s-s-|      s step
 *     holds   -----h-------H-------|      h hold begins · H hold is over
 *     saves   -------b---a---------|      b before-save · a after-save
 *
 * Below it, a line for each save, hold, stall and error.
 */
export function drawTimeline(timeline: Timeline, options: DrawTimelineOptions = {}): string {
  checkTimeline('drawTimeline(timeline)', timeline);
  checkOptions('drawTimeline(options)', options, OPTIONS);
  const { fromStep = 0, toStep = Number.POSITIVE_INFINITY, width = 100 } = options;
  if (!(fromStep <= toStep))
    throw new RangeError(`drawTimeline(fromStep): expected at most ${toStep}, received ${describeReceived(fromStep)}`);
  const items = timeline.items.filter(({ step, lane }) => step >= fromStep && step <= toStep && isDrawn(lane));
  const marks = items.flatMap(marksOf);
  const columns = Math.max(10, Math.floor((width - NAME_WIDTH) / LETTERS_PER_COLUMN));
  const stepMarks = stepsIn(timeline, fromStep, toStep);
  const room = Math.max(5, columns - Math.min(marks.length, columns - 5));
  const stride = Math.max(1, Math.ceil(stepMarks.length / room));
  for (let i = stride - 1; i < stepMarks.length; i += stride) marks.push(stepMarks[i] as Mark);
  if (stepMarks.length % stride !== 0) marks.push(stepMarks.at(-1) as Mark);
  // A save that begins at the instant of its step comes after it.
  marks.sort((a, b) => a.at - b.at || ORDER.indexOf(a.lane) - ORDER.indexOf(b.lane));

  const isOver = timeline.durationMs <= (marks.at(-1)?.at ?? 0) + 1 || toStep >= (timeline.blocks.to.at(-1) ?? 0);
  const lanes = ORDER.filter((lane) => lane === 'steps' || marks.some((mark) => mark.lane === lane));
  const drawn = lanes.map((lane) => {
    const marbles = marks.map((mark) => `-${mark.lane === lane ? mark.letter : '-'}`).join('');
    const letters = new Set(marks.flatMap((mark) => (mark.lane === lane ? [mark.letter] : [])));
    const legend = Object.keys(LETTERS)
      .filter((letter) => letters.has(letter))
      .map((letter) => `${letter} ${LETTERS[letter]}`);
    const steps = stride > 1 ? `each s is ${stride} steps` : 's step';
    return `${lane.padEnd(NAME_WIDTH)}${marbles}-${isOver ? '|' : '…'}   ${lane === 'steps' ? steps : legend.join(' · ')}`;
  });
  return [...drawn, ...notesOf(items)].join('\n');
}

function isDrawn(lane: TimelineItem['lane']): boolean {
  return lane !== 'events' && lane !== 'processes';
}

function stepsIn({ blocks }: Timeline, fromStep: number, toStep: number): readonly Mark[] {
  const marks: Mark[] = [];
  for (let i = 0; i < blocks.to.length; i++) {
    if ((blocks.to[i] as number) < fromStep || (blocks.from[i] as number) > toStep) continue;
    for (const { step, at } of stepsOf(blocks, i)) {
      if (step >= fromStep && step <= toStep) marks.push({ at, lane: 'steps', letter: 's' });
    }
  }
  return marks;
}

function marksOf({ lane, kind, since, until, phases }: TimelineItem): readonly Mark[] {
  if (lane === 'saves')
    return (phases ?? []).map(({ letter, at }) => ({ at, lane, letter: letter === 's' ? 'S' : letter }));
  if (lane === 'holds') {
    return [
      { at: since, lane, letter: 'h' },
      { at: until, lane, letter: 'H' },
    ];
  }
  if (lane === 'stalls') return [{ at: since, lane: 'holds', letter: 'z' }];
  if (lane === 'recoveries') return [{ at: since, lane: 'errors', letter: kind === 'resume' ? 'R' : 'r' }];
  // A failed save is an x in its own lane.
  return kind === 'saveFailed' ? [] : [{ at: since, lane: 'errors', letter: '!' }];
}

function notesOf(items: readonly TimelineItem[]): readonly string[] {
  const told = items.filter(({ kind }) => kind !== 'recovered' || items.length < 40);
  const notes = told.slice(0, 40).map(({ lane, kind, step, since, until, label }) => {
    const ms = until - since;
    const length = ms > 0 ? ` ${ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`}` : '';
    const what = lane === 'holds' ? `hold${length} (${label})` : `${kind}${length}${label === '' ? '' : `  ${label}`}`;
    return `  step ${step}  ${what}`;
  });
  if (told.length > notes.length)
    notes.push(`  … ${told.length - notes.length} more; narrow it down with --from and --to`);
  return notes;
}
