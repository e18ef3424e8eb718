import type { ObservableNotification } from 'rxjs';
import { checkMethods } from '../error/check-methods.js';
import { describeValue } from './describe-value.js';
import { LetterTable } from './letter-table.js';

// A longer gap is written as a time.
const LONGEST_DASHES = 12;

/** What a stream said, and when; the form in which RxJS's TestScheduler keeps it. */
export interface TimedNotification {
  /** In milliseconds from the start. */
  readonly frame: number;
  readonly notification: ObservableNotification<unknown>;
}

/** A stream as a line of marbles. */
export interface MarbleDrawing {
  /** One character a millisecond, e.g. `-a-(bc) 900ms |`. */
  readonly line: string;
  /** What the letters stand for, e.g. `a = {step: 1}`; letters that stand for themselves are left out. */
  readonly legend: readonly string[];
}

/**
 * Draws what a stream said as marbles, which RxJS's marble tests read back:
 *
 *     -a-(bc) 900ms |       values by letter, groups of one moment in parentheses, long gaps as times
 *     -a-#<out of paper>    an error with its message (plain `#` for the error of RxJS's marbles)
 *     -(abc)@2 d|           a group that is longer than the time to what comes next: `d` is at 2 ms
 *
 * @param letters gives values their letters; pass one table to several drawings to make them comparable
 */
export function drawMarbles(
  notifications: readonly TimedNotification[],
  letters: LetterTable = new LetterTable(),
): MarbleDrawing {
  checkMethods('drawMarbles(notifications)', 'a list of notifications', notifications, ['map']);
  const used: string[] = [];
  const line = drawMoments(
    notifications.map(({ frame, notification }) => ({ frame, mark: markOf(notification, letters, used) })),
  );
  return { line, legend: letters.legend(used) };
}

function markOf(notification: ObservableNotification<unknown>, letters: LetterTable, used: string[]): string {
  if (notification.kind === 'C') return '|';
  if (notification.kind === 'E') {
    const { error } = notification;
    if (error === 'error') return '#';
    return `#<${error instanceof Error ? error.message : describeValue(error)}>`;
  }
  const letter = letters.letterOf(notification.value);
  used.push(letter);
  return letter;
}

/** Draws marks at their frames; marks of one frame become a group. */
export function drawMoments(moments: readonly { readonly frame: number; readonly mark: string }[]): string {
  let line = '';
  let now = 0;
  for (let i = 0; i < moments.length; ) {
    const { frame } = moments[i] as { frame: number };
    const start = i;
    while (i < moments.length && moments[i]?.frame === frame) i++;
    line += frame < now ? `@${frame} ` : drawGap(frame - now, line === '');
    const marks = moments.slice(start, i).map(({ mark }) => mark);
    line += marks.length === 1 ? marks[0] : `(${marks.join('')})`;
    // In marbles every character of a group takes a frame; of an error, only its `#` is read.
    now = frame + (marks.length === 1 ? 1 : marks.length + 2);
  }
  return line;
}

function drawGap(frames: number, isAtStart: boolean): string {
  if (frames <= LONGEST_DASHES && Number.isInteger(frames)) return '-'.repeat(frames);
  return isAtStart ? `${frames}ms ` : ` ${frames}ms `;
}
