import { concatMap, defer, EMPTY, finalize, from, ignoreElements, map, type Observable, of, take } from 'rxjs';
import type { Logger } from '../log/logger.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';
import type { Input, InputCursor } from './input.js';
import { isPending } from './is-pending.js';
import { openInput } from './open-input.js';
import { captureParts, type Parts, partsOfState, restoreParts } from './parts.js';
import type { RestoredFrom, RestoreSource } from './restore-source.js';
import type { TrackedPart } from './run-control.js';
import type { Scaffold, SessionState } from './scaffold.js';

type Tracked = ReadonlyMap<string, TrackedPart>;

/** What exists from one creation of the session to the next: the state, and the place in the input. */
export class Attempt<S extends SessionState, T> {
  readonly #scaffold: Scaffold<S>;
  readonly #parts: Parts;

  private constructor(
    scaffold: Scaffold<S>,
    readonly state: S,
    readonly cursor: InputCursor<T>,
  ) {
    this.#scaffold = scaffold;
    this.#parts = partsOfState(state);
  }

  /** Makes a fresh state and opens the input. */
  static open<S extends SessionState, T>(
    scaffold: Scaffold<S>,
    input: Input<T> | undefined,
  ): Observable<Attempt<S, T>> {
    return defer(() => {
      const created = scaffold.create();
      return isPending(created) ? from(created) : of(created);
    }).pipe(
      take(1),
      map((state) => new Attempt(scaffold, state, openInput(input))),
    );
  }

  /**
   * Restores the state, the place in the input and the hooks from what `source` has; emits where from, or `undefined`
   * if there was nothing, and then all stay as they were made.
   *
   * @throws StateMismatchError if the checkpoint does not fit; nothing was changed then
   */
  restore(source: RestoreSource | undefined, hooks: Tracked, logger: Logger): Observable<RestoredFrom | undefined> {
    return (source?.load() ?? of(undefined)).pipe(
      take(1),
      concatMap((checkpoint) => {
        if (checkpoint === undefined) {
          for (const hook of hooks.values()) hook.restore(undefined);
          return of(undefined);
        }
        for (const { prefix, error } of checkpoint.from.skipped) {
          logger.warn({ err: error, checkpoint: prefix }, `passed over checkpoint ${prefix}, which is not valid`);
        }
        return restoreParts(checkpoint, this.#parts, this.cursor, hooks, (message) => logger.warn(message)).pipe(
          finalize(() => checkpoint.close?.()),
          map(() => checkpoint.from),
        );
      }),
    );
  }

  capture(globalStep: number, hooks: Tracked): Observable<StateSnapshot> {
    return captureParts(globalStep, this.#parts, this.cursor, hooks);
  }

  dispose(): Observable<never> {
    return defer(() => {
      this.cursor.close?.();
      const disposal = this.#scaffold.dispose?.(this.state);
      return disposal === undefined ? EMPTY : from(disposal).pipe(ignoreElements());
    });
  }
}
