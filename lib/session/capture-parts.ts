import {
  catchError,
  concatMap,
  defer,
  from,
  map,
  type Observable,
  type ObservableInput,
  of,
  type SchedulerLike,
  take,
  throwError,
  throwIfEmpty,
  timeout,
  toArray,
} from 'rxjs';
import { CaptureFailedError } from '../error/capture-failed-error.js';
import type { Json } from '../tensor/json.js';
import { int64Scalar } from '../tensor/make-tensor.js';
import type { PartState } from '../tensor/part-state.js';
import { GLOBAL_STEP, type StateSnapshot } from '../tensor/state-snapshot.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Checkpointable } from './checkpointable.js';
import { isPending } from './is-pending.js';
import { HOOK, INPUT, type Parts } from './parts.js';
import type { TrackedPart } from './run-control.js';

/** For how long a part that is read asynchronously is waited for. */
export interface CaptureLimit {
  readonly seconds: number;
  readonly scheduler: SchedulerLike;
}

/**
 * The whole state now; subscribes to nothing unless a part is read asynchronously.
 *
 * @throws CaptureFailedError if a part throws, or gives no state within the limit
 */
export function captureParts(
  globalStep: number,
  parts: Parts,
  input: Checkpointable,
  hooks: ReadonlyMap<string, TrackedPart>,
  limit?: CaptureLimit,
): Observable<StateSnapshot> {
  return defer(() => {
    const captures: [string, () => PartState | ObservableInput<PartState>][] = [];
    for (const [name, part] of parts) captures.push([name, () => part.capture()]);
    captures.push([INPUT, () => input.capture()]);
    for (const [key, hook] of hooks) captures.push([HOOK + key, () => hook.capture()]);

    return from(captures).pipe(
      concatMap(([name, capture]) => capturePart(name, capture, limit).pipe(map((state) => [name, state] as const))),
      toArray(),
      map((states) => snapshotOf(globalStep, states)),
    );
  });
}

function capturePart(
  name: string,
  capture: () => PartState | ObservableInput<PartState>,
  limit: CaptureLimit | undefined,
): Observable<PartState> {
  return defer(() => {
    const captured = capture();
    if (!isPending(captured)) return of(captured);
    const state = from(captured).pipe(take(1), throwIfEmpty());
    if (limit === undefined) return state;
    const { seconds, scheduler } = limit;
    const late = (): Observable<never> => throwError(() => new CaptureFailedError(name, seconds));
    return state.pipe(timeout({ first: seconds * 1000, scheduler, with: late }));
  }).pipe(
    catchError((error: unknown) => {
      throw error instanceof CaptureFailedError ? error : new CaptureFailedError(name, undefined, error);
    }),
  );
}

function snapshotOf(globalStep: number, states: readonly (readonly [string, PartState])[]): StateSnapshot {
  const tensors = new Map<string, Tensor>([[GLOBAL_STEP, int64Scalar(globalStep)]]);
  const json: [string, Json][] = [];
  for (const [part, state] of states) {
    for (const [name, tensor] of state.tensors) {
      if (name === '') throw new RangeError(`part "${part}": expected tensor names that are not empty`);
      tensors.set(`${part}/${name}`, tensor);
    }
    if (state.json !== undefined) json.push([part, state.json]);
  }
  return { globalStep, tensors, json: { parts: Object.fromEntries(json) } };
}
