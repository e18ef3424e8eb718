import type { CheckpointEvent } from '../checkpoint/checkpoint-event.js';
import type { CheckpointListener } from '../checkpoint/checkpoint-listener.js';
import type { Saver } from '../checkpoint/saver.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import type { Trigger } from '../trigger/trigger.js';
import { type Hook, hook } from './hook.js';
import { ActiveCheckpointSaver } from './save/active-checkpoint-saver.js';
import { checkSaverOptions } from './save/check-saver-options.js';

export interface CheckpointSaverOptions<O = unknown> {
  /** On which steps to save, besides at the creation of the session and at its end. */
  readonly trigger: Trigger<O>;
  /** Told of each phase of each save, in this order; each may hold, veto, or ask for a stop. */
  readonly listeners?: readonly CheckpointListener[] | undefined;
  /**
   * What a failed save does: fail the run, or be told (`saveFailed`, and the log) while the run goes on and the save
   * stays due. An error of a listener counts as one.
   *
   * @default 'failRun'
   */
  readonly onFailure?: 'failRun' | 'continue' | undefined;
}

const OPTIONS: OptionNames<CheckpointSaverOptions<never>> = { trigger: true, listeners: true, onFailure: true };

const ON_FAILURE: readonly unknown[] = ['failRun', 'continue'];

/**
 * Saves at the creation of the session if the state is not on disk already, at each firing of the trigger, and at the
 * end if the last step is not on disk; adds the phases of each save to the stream.
 *
 *     source                                b-c------1-2------3-e------|
 *     checkpointSaver(s, { trigger })       b-c-B--A-1-2-B--A-3-e-B--A-|     trigger: everySteps(2)
 *
 * The loop is held for the whole save, which begins when all hooks have seen the event: so their changes of the step
 * are in it. A step that was committed is not saved twice; a save that failed or was vetoed stays due.
 *
 * A trigger that counts from its last firing counts from the save at the creation: `everySeconds` does not save again at
 * the first step.
 *
 * A checkpoint's metrics are the numbers that its step returned, and what earlier hooks measured at it as
 * `<source>/<name>`. While an earlier hook says that the state is unfit, saves are skipped.
 *
 * @throws TypeError, RangeError for wrong options
 */
export function checkpointSaver<O = unknown>(
  saver: Saver,
  options: CheckpointSaverOptions<O>,
): Hook<CheckpointEvent, O> {
  checkOptions('checkpointSaver(options)', options, OPTIONS);
  const { trigger, listeners = [], onFailure = 'failRun' } = options;
  checkSaverOptions('checkpointSaver', { saver, trigger, listeners });
  if (!ON_FAILURE.includes(onFailure)) {
    throw new RangeError(
      `checkpointSaver(onFailure): expected 'failRun' or 'continue', received ${describeReceived(onFailure)}`,
    );
  }
  return hook(
    'checkpointSaver',
    (output) => new ActiveCheckpointSaver(saver, { trigger, listeners, onFailure }, output),
  );
}
