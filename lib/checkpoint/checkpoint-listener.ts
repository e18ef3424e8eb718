import type { ObservableInput, TapObserver } from 'rxjs';
import { checkFunction } from '../error/check-function.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { isPending } from '../session/is-pending.js';
import type { AfterSaveEvent, BeforeSaveEvent, CheckpointEvent } from './checkpoint-event.js';

/**
 * An observer of a saver's checkpoint events: `subscribe` when the run begins, `next` for each phase of each save,
 * `complete` after the last save of a run that did not fail, `error` where it did.
 */
export type CheckpointListener = Partial<TapObserver<CheckpointEvent>>;

export interface CheckpointListenerOptions {
  /** When the run begins, before any state exists. */
  readonly begin?: (() => void) | undefined;
  /** Before each save; what it returns is waited for. `event.skip(reason)` vetoes the save. */
  readonly beforeSave?: ((event: BeforeSaveEvent) => void | ObservableInput<unknown>) | undefined;
  /** After each save, when it is durable; what it returns is waited for, and `true` asks for a stop. */
  readonly afterSave?: ((event: AfterSaveEvent) => void | boolean | ObservableInput<unknown>) | undefined;
  /** Once, after the last save of a run that did not fail; told the step of the last event, if there was one. */
  readonly end?: ((globalStep: number | undefined) => void) | undefined;
}

const CALLBACKS: OptionNames<CheckpointListenerOptions> = { begin: true, beforeSave: true, afterSave: true, end: true };

/**
 * Makes a listener of the callbacks that TensorFlow's `CheckpointSaverListener` has.
 *
 * @throws TypeError for a name that is none of theirs, or a value that is no function
 * @see TensorFlow, basic_session_run_hooks.py, CheckpointSaverListener
 */
export function checkpointListener(callbacks: CheckpointListenerOptions): CheckpointListener {
  checkOptions('checkpointListener(callbacks)', callbacks, CALLBACKS);
  for (const [name, callback] of Object.entries(callbacks)) {
    if (callback !== undefined) checkFunction(`checkpointListener(${name})`, callback);
  }
  const { begin, beforeSave, afterSave, end } = callbacks;
  let lastStep: number | undefined;
  return {
    subscribe: () => {
      lastStep = undefined;
      begin?.();
    },
    next: (event) => {
      lastStep = event.globalStep;
      if (event.type === 'beforeSave') {
        const work = beforeSave?.(event);
        if (work !== undefined && isPending(work)) event.waitUntil(work);
      } else if (event.type === 'afterSave') {
        const answer = afterSave?.(event);
        if (answer === true) event.requestStop('asked by a checkpoint listener after a save');
        else if (typeof answer === 'object' && isPending(answer)) event.waitUntil(answer);
      }
    },
    complete: () => end?.(lastStep),
  };
}
