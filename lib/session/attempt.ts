import {
  concat,
  concatMap,
  defaultIfEmpty,
  defer,
  EMPTY,
  finalize,
  from,
  ignoreElements,
  map,
  Observable,
  of,
  take,
  throwIfEmpty,
} from 'rxjs';
import type { Logger } from '../log/logger.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';
import { type CaptureLimit, captureParts } from './capture-parts.js';
import type { Input, InputCursor } from './input.js';
import { isPending } from './is-pending.js';
import { openInput } from './open-input.js';
import { type Parts, partsOfState, restoreParts } from './parts.js';
import type { RestoredCheckpoint, RestoredFrom, RestoreSource } from './restore-source.js';
import type { TrackedPart } from './run-control.js';
import type { Scaffold, SessionState } from './scaffold.js';

type Tracked = ReadonlyMap<string, TrackedPart>;

/** What exists from one creation of the session to the next: the state, and the place in the input. */
export class Attempt<S extends SessionState, T> {
  readonly #scaffold: Scaffold<S>;
  #parts: Parts = new Map();
  #cursor: InputCursor<T> | undefined;

  constructor(
    scaffold: Scaffold<S>,
    readonly state: S,
  ) {
    this.#scaffold = scaffold;
  }

  /** Makes a fresh state; emits once. A state that comes when nobody waits for it any more is disposed of. */
  static create<S extends SessionState, T>(
    scaffold: Scaffold<S>,
    onError: (error: unknown) => void,
  ): Observable<Attempt<S, T>> {
    return new Observable<S>((subscriber) => {
      const created = scaffold.create();
      const states = isPending(created) ? from(created) : of(created);
      if (!(created instanceof Promise)) return states.pipe(take(1)).subscribe(subscriber);
      // A promise cannot be cancelled.
      states.subscribe({
        next: (state) => {
          if (subscriber.closed) new Attempt(scaffold, state).dispose(onError).subscribe();
          else subscriber.next(state);
        },
        error: (error: unknown) => subscriber.error(error),
        complete: () => subscriber.complete(),
      });
      return undefined;
    }).pipe(
      throwIfEmpty(() => new TypeError('scaffold.create(): expected a state, but it completed without one')),
      map((state) => new Attempt<S, T>(scaffold, state)),
    );
  }

  /**
   * Opens the input.
   *
   * @throws TypeError, RangeError if the input or the state is none
   */
  open(input: Input<T> | undefined): void {
    this.#parts = partsOfState(this.state);
    this.#cursor = openInput(input);
  }

  /** REQUIRES: the attempt was opened. */
  get cursor(): InputCursor<T> {
    return this.#cursor as InputCursor<T>;
  }

  /**
   * Restores the state, the place in the input and the hooks from what `source` has; emits where from, or `undefined`
   * if there was nothing, and then all stay as they were made.
   *
   * @throws StateMismatchError if the checkpoint does not fit; nothing was changed then
   */
  restore(source: RestoreSource | undefined, hooks: Tracked, logger: Logger): Observable<RestoredFrom | undefined> {
    return defer(() => source?.load() ?? of(undefined)).pipe(
      take(1),
      defaultIfEmpty(undefined),
      concatMap((checkpoint) => {
        if (checkpoint === undefined) {
          for (const hook of hooks.values()) hook.restore(undefined);
          return of(undefined);
        }
        for (const { prefix, error } of checkpoint.from.skipped) {
          logger.warn({ err: error, checkpoint: prefix }, `passed over checkpoint ${prefix}, which is not valid`);
        }
        // The checkpoint is closed before anybody is told, and may look for it or remove it.
        return concat(
          restoreParts(checkpoint, this.#parts, this.cursor, hooks, (message) => logger.warn(message)).pipe(
            ignoreElements(),
            finalize(() => close(checkpoint, logger)),
          ),
          of(checkpoint.from),
        );
      }),
    );
  }

  capture(globalStep: number, hooks: Tracked, limit: CaptureLimit): Observable<StateSnapshot> {
    return captureParts(globalStep, this.#parts, this.cursor, hooks, limit);
  }

  /** Closes the input and frees the state, both in any case; never fails, but tells `onError` what went wrong. */
  dispose(onError: (error: unknown) => void): Observable<never> {
    return concat(
      guarded(() => this.#cursor?.close?.(), onError),
      guarded(() => this.#scaffold.dispose?.(this.state), onError),
    );
  }
}

function guarded(work: () => ReturnType<NonNullable<Scaffold<never>['dispose']>>, onError: (error: unknown) => void) {
  return new Observable<never>((subscriber) => {
    const done = (error: unknown): void => {
      onError(error);
      subscriber.complete();
    };
    try {
      const pending = work() ?? EMPTY;
      return from(pending).subscribe({ error: done, complete: () => subscriber.complete() });
    } catch (error) {
      done(error);
      return undefined;
    }
  });
}

function close(checkpoint: RestoredCheckpoint, logger: Logger): void {
  try {
    checkpoint.close?.();
  } catch (error) {
    logger.warn({ err: error }, `checkpoint ${checkpoint.from.prefix} could not be closed`);
  }
}
