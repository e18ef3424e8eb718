import type { Observable } from 'rxjs';
import type { BackgroundWriter } from '../checkpoint/background/background-writer.js';
import { openInProcess } from '../checkpoint/background/in-process-writer.js';
import type { SaveRetries } from '../checkpoint/background/save-queue.js';
import type { CheckpointEvent } from '../checkpoint/checkpoint-event.js';
import type { Saver } from '../checkpoint/saver.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import type { CheckpointSaverOptions } from './checkpoint-saver.js';
import { type Hook, hook } from './hook.js';
import { ActiveAsyncSaver } from './save/active-async-saver.js';
import { checkSaverOptions } from './save/check-saver-options.js';

export interface AsyncCheckpointSaverOptions<O = unknown> extends Omit<CheckpointSaverOptions<O>, 'onFailure'> {
  /**
   * What a firing does while a save still goes on:
   *
   * - `'latest'`: its state is copied and waits its turn; one that waited already is skipped for it
   * - `'skip'`: nothing is copied; it stays due, and the first step after the save is saved
   * - `'wait'`: the loop waits until the save is done
   *
   * `'latest'` needs memory for two copies of the state, the others for one.
   *
   * @default 'latest'
   */
  readonly overlap?: 'latest' | 'skip' | 'wait' | undefined;
  /**
   * What a failed save does: fail the run at the next step boundary, be told (`saveFailed`, and the log) while the run
   * goes on and the save stays due, or be tried again with the same copy.
   *
   * @default 'failRun'
   */
  readonly onFailure?: 'failRun' | 'continue' | RetryFailedSaves | undefined;
  /**
   * Where the copy is written: by a thread of its own, or in later turns of this one, which spares the loop no
   * computing and with a store that acts synchronously, as those on files and in memory do, no waiting either.
   *
   * @default 'worker'
   */
  readonly background?: 'worker' | 'inProcess' | undefined;
}

const OPTIONS: OptionNames<AsyncCheckpointSaverOptions<never>> = {
  trigger: true,
  listeners: true,
  overlap: true,
  onFailure: true,
  background: true,
};

/** How a background save that failed is tried again; each failure is told. */
export interface RetryFailedSaves {
  /** A whole number from 1. */
  readonly retries: number;
  /** Each further delay is twice as long. @default 1 */
  readonly firstDelaySeconds?: number | undefined;
  /** @default 60 */
  readonly longestDelaySeconds?: number | undefined;
  /** What the last failure does. @default 'failRun' */
  readonly onLastFailure?: 'failRun' | 'continue' | undefined;
}

const RETRY: OptionNames<RetryFailedSaves> = {
  retries: true,
  firstDelaySeconds: true,
  longestDelaySeconds: true,
  onLastFailure: true,
};

const OVERLAPS: readonly unknown[] = ['latest', 'skip', 'wait'];
const ON_FAILURE: readonly unknown[] = ['failRun', 'continue'];
const BACKGROUNDS: readonly unknown[] = ['worker', 'inProcess'];

/**
 * Saves when {@link checkpointSaver} does, but holds the loop only while the state is copied; a worker thread encodes,
 * checksums, writes and syncs the copy while the run trains on.
 *
 *     source                                 b-c---1-2---3-4-5-e------|
 *     asyncCheckpointSaver(s, { trigger })   b-cBT-1-2BT-3A4-5-eBT--A-|     trigger: everySteps(2)
 *
 * B is `beforeSave`, T `snapshotTaken`, where the loop goes on, and A `afterSave`: durable. At most one save is written
 * and one waits. A save that failed, or was skipped, stays due. `end` waits for what goes on, then saves the last step;
 * a run that fails waits for it during the session's grace period; one that is cancelled gives it up, and nothing half
 * is left.
 *
 * Listeners act in the session's thread: what they do with `beforeSave` holds the loop, what they do with `afterSave`
 * holds the next save.
 *
 * @throws TypeError, RangeError for wrong options, and for a saver that cannot write in the background
 * @see docs/guide/async-saves.md
 */
export function asyncCheckpointSaver<O = unknown>(
  saver: Saver,
  options: AsyncCheckpointSaverOptions<O>,
): Hook<CheckpointEvent, O> {
  checkOptions('asyncCheckpointSaver(options)', options, OPTIONS);
  const { trigger, listeners = [], overlap = 'latest', onFailure = 'failRun', background = 'worker' } = options;
  checkSaverOptions('asyncCheckpointSaver', { saver, trigger, listeners });
  mustBeOneOf('overlap', overlap, OVERLAPS);
  mustBeOneOf('background', background, BACKGROUNDS);
  const retries = retriesOf(onFailure);
  const last = typeof onFailure === 'object' ? (onFailure.onLastFailure ?? 'failRun') : onFailure;
  mustBeOneOf('onFailure', last, ON_FAILURE);
  const { openBackground, retention } = saver;
  if (background === 'worker' && openBackground === undefined) {
    throw new TypeError(
      'asyncCheckpointSaver(saver): expected one that a worker can write for, such as storeSaver(fileStore(folder)) in ' +
        `a known format, received one to ${saver.location}; or allow { background: 'inProcess' }`,
    );
  }
  const open = (): Observable<BackgroundWriter> =>
    background === 'worker' && openBackground !== undefined
      ? openBackground(overlap === 'latest' ? 2 : 1)
      : openInProcess(saver);
  const settings = { trigger, listeners, overlap, retries, failsRun: last === 'failRun', retention, open };
  return hook('asyncCheckpointSaver', (output) => new ActiveAsyncSaver<O>(settings, output));
}

function mustBeOneOf(name: string, value: unknown, allowed: readonly unknown[]): void {
  if (allowed.includes(value)) return;
  const expected = allowed.map((one) => `'${one}'`).join(' or ');
  throw new RangeError(`asyncCheckpointSaver(${name}): expected ${expected}, received ${describeReceived(value)}`);
}

function retriesOf(onFailure: AsyncCheckpointSaverOptions['onFailure']): SaveRetries {
  if (typeof onFailure !== 'object') return { retries: 0, firstDelaySeconds: 0, longestDelaySeconds: 0 };
  checkOptions('asyncCheckpointSaver(onFailure)', onFailure, RETRY);
  const { retries, firstDelaySeconds = 1, longestDelaySeconds = 60 } = onFailure;
  if (!(retries === Number.POSITIVE_INFINITY || (Number.isSafeInteger(retries) && retries >= 1))) {
    throw new RangeError(
      `asyncCheckpointSaver(onFailure.retries): expected a whole number from 1 or Infinity, received ${describeReceived(retries)}`,
    );
  }
  for (const [name, value] of Object.entries({ firstDelaySeconds, longestDelaySeconds })) {
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
      throw new RangeError(
        `asyncCheckpointSaver(onFailure.${name}): expected a number from 0, received ${describeReceived(value)}`,
      );
    }
  }
  return { retries, firstDelaySeconds, longestDelaySeconds };
}
