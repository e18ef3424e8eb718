import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { Retention } from './retention.js';

export interface KeepEveryHoursOptions {
  /**
   * What the hours are counted from.
   *
   * - `lastKept`: a checkpoint is kept if it was saved at least so many hours after the last kept one. This is the rule
   *   of TensorFlow's `CheckpointManager`; after a pause one checkpoint is kept.
   * - `start`: one is kept if it was saved more than so many hours after the start, the next if it was saved more than
   *   twice as many after it, and so on. This is the rule of TensorFlow's `Saver`; after a pause several checkpoints in
   *   a row are kept, until their count has caught up.
   *
   * @default 'lastKept'
   */
  readonly countFrom?: 'lastKept' | 'start' | undefined;
  /**
   * When the counting starts, in seconds since 1970. Without it, it starts with the oldest checkpoint, which is kept.
   */
  readonly since?: number | undefined;
}

const OPTIONS: OptionNames<KeepEveryHoursOptions> = { countFrom: true, since: true };

const COUNT_FROM: readonly unknown[] = ['lastKept', 'start'];
const SECONDS_PER_HOUR = 3600;

/**
 * Keeps one checkpoint in so many hours, for ever.
 *
 *     saved (hours)        0  0.5  1  1.5  2  2.5  3
 *     keepEveryHours(1)    0       1       2       3
 *
 * The hours are those between the times of saving that the checkpoints themselves record, so restarting the run changes
 * nothing. Where a checkpoint was saved before the one that was kept last, the clock was set back: it is kept, and the
 * counting starts from it.
 *
 * @param hours a positive number
 * @throws RangeError for wrong arguments
 * @see TensorFlow, checkpoint_management.py, CheckpointManager; saver.py, Saver
 */
export function keepEveryHours(hours: number, options: KeepEveryHoursOptions = {}): Retention {
  checkOptions('keepEveryHours(options)', options, OPTIONS);
  const { countFrom = 'lastKept', since } = options;
  if (!(hours > 0 && hours < Number.POSITIVE_INFINITY)) {
    throw new RangeError(`keepEveryHours(hours): expected a positive number, received ${describeReceived(hours)}`);
  }
  if (!COUNT_FROM.includes(countFrom)) {
    throw new RangeError(
      `keepEveryHours(countFrom): expected 'lastKept' or 'start', received ${describeReceived(countFrom)}`,
    );
  }
  if (since !== undefined && !Number.isFinite(since)) {
    throw new RangeError(`keepEveryHours(since): expected seconds since 1970, received ${describeReceived(since)}`);
  }
  const seconds = hours * SECONDS_PER_HOUR;
  const isDue =
    countFrom === 'lastKept' ? (at: number, due: number) => at >= due : (at: number, due: number) => at > due;
  const next = (at: number, due: number): number => (countFrom === 'lastKept' ? at : due) + seconds;

  return {
    name: `keepEveryHours(${hours})`,
    // Only what is kept moves the counting on: so deleting the rest changes nothing about who is kept.
    reasons(checkpoints) {
      let due = since === undefined ? undefined : since + seconds;
      let lastKept = since ?? Number.NEGATIVE_INFINITY;
      return checkpoints.map(({ savedAt }) => {
        let reason: string | undefined;
        if (due === undefined) reason = 'the oldest, from which the hours are counted';
        else if (savedAt < lastKept) reason = 'saved after the clock was set back';
        else if (isDue(savedAt, due)) reason = `one in ${hours} h`;
        if (reason !== undefined) {
          due = due !== undefined && savedAt >= lastKept ? next(savedAt, due) : savedAt + seconds;
          lastKept = savedAt;
        }
        return reason;
      });
    },
  };
}
