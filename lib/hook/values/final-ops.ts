import { defer, from, type ObservableInput, of, takeLast, tap, throwIfEmpty } from 'rxjs';
import { checkFunction } from '../../error/check-function.js';
import type { EndEvent } from '../../session/event.js';
import { isPending } from '../../session/is-pending.js';
import { type Hook, hook } from '../hook.js';
import { FinalValuesEvent } from './final-values-event.js';

/**
 * Computes values once, at the end of a run that did not fail, and adds them to the stream. The run is over when they
 * are there.
 *
 *     source        b-c-1-2-e---|
 *     finalOps(f)   b-c-1-2-e--v|
 *
 * @param compute returns the values, or a promise or observable of them (of an observable the last value counts); its
 *   error fails the run
 * @throws TypeError if `compute` is no function
 * @see TensorFlow, basic_session_run_hooks.py, FinalOpsHook
 */
export function finalOps<T>(compute: (event: EndEvent) => T | ObservableInput<T>): Hook<FinalValuesEvent<T>> {
  checkFunction('finalOps(compute)', compute);
  return hook<FinalValuesEvent<T>>('finalOps', (output) => ({
    end(event) {
      event.waitUntil(
        defer(() => {
          const values = compute(event);
          return isPending(values) ? from(values) : of(values);
        }).pipe(
          throwIfEmpty(() => new TypeError('finalOps(compute): expected values, but it completed without any')),
          takeLast(1),
          tap((values) => output.emit(new FinalValuesEvent(event.globalStep, values))),
        ),
      );
    },
  }));
}
