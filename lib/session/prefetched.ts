import { concatMap, from, map, Observable, type ObservableInput, of, Subject, Subscription, take } from 'rxjs';
import { describeReceived } from '../error/describe-received.js';
import type { PartState } from '../tensor/part-state.js';
import type { Tensor } from '../tensor/tensor.js';
import type { Input, InputCursor, ResumableInput } from './input.js';
import { isPending } from './is-pending.js';
import { openInput } from './open-input.js';

/**
 * Asks an asynchronous input for up to `count` batches before they are wanted, one after another, so that loading goes
 * on while steps are taken. Checkpoints hold the place after the last batch that was trained on, not the last one that
 * was fetched: batches in waiting are fetched again by a resumed run.
 *
 * An error or the end of the input comes in its turn, after the batches before it.
 *
 * @param input its place is captured after each batch, so that should be cheap
 * @param count the most batches that wait; a positive integer
 * @throws RangeError if `count` is no positive integer
 */
export function prefetched<T>(input: Input<T>, count: number): ResumableInput<T> {
  if (!Number.isSafeInteger(count) || count < 1) {
    throw new RangeError(`prefetched(count): expected a positive integer, received ${describeReceived(count)}`);
  }
  return { open: () => new PrefetchingCursor(openInput(input), count) };
}

type Result<T> = IteratorResult<T, unknown>;

/** A batch in waiting and the place of the input after it; or the error that came instead. */
type Fetched<T> = { readonly result: Result<T>; readonly place: PartState } | { readonly error: unknown };

class PrefetchingCursor<T> implements InputCursor<T> {
  readonly #input: InputCursor<T>;
  readonly #count: number;
  readonly #waiting: Fetched<T>[] = [];
  readonly #arrived = new Subject<void>();
  readonly differences?: (state: PartState) => readonly string[];
  #fetching = new Subscription();
  #isFetching = false;
  /** Whether the end or an error was fetched: there is nothing after it. */
  #isAtEnd = false;
  /** The place after the last batch that was given away; `undefined` before anything was fetched. */
  #place: PartState | undefined;

  constructor(input: InputCursor<T>, count: number) {
    this.#input = input;
    this.#count = count;
    if (input.differences !== undefined) this.differences = (state) => input.differences?.(state) ?? [];
  }

  next(): Result<T> | ObservableInput<Result<T>> {
    this.#fetch();
    const fetched = this.#take();
    if (fetched === undefined) return this.#nextInTurn();
    const result = this.#give(fetched);
    this.#fetch();
    return result;
  }

  capture(): PartState | ObservableInput<PartState> {
    return this.#place ?? this.#input.capture();
  }

  restore(state: PartState): void | ObservableInput<unknown> {
    this.#fetching.unsubscribe();
    this.#fetching = new Subscription();
    this.#waiting.length = 0;
    this.#isFetching = false;
    this.#isAtEnd = false;
    this.#place = undefined;
    return this.#input.restore(state);
  }

  close(): void {
    this.#fetching.unsubscribe();
    this.#isAtEnd = true;
    this.#input.close?.();
  }

  #nextInTurn(): Observable<Result<T>> {
    return new Observable((subscriber) => {
      const give = (): void => {
        const fetched = this.#take();
        if (fetched === undefined) return;
        arrival.unsubscribe();
        try {
          subscriber.next(this.#give(fetched));
          subscriber.complete();
        } catch (error) {
          subscriber.error(error);
        }
        this.#fetch();
      };
      const arrival = this.#arrived.subscribe(give);
      this.#fetch();
      give();
      return arrival;
    });
  }

  /** What is next in turn; the end, or an error, is so for ever. */
  #take(): Fetched<T> | undefined {
    return this.#isAtEnd && this.#waiting.length === 1 ? this.#waiting[0] : this.#waiting.shift();
  }

  #give(fetched: Fetched<T>): Result<T> {
    if ('error' in fetched) throw fetched.error;
    this.#place = fetched.place;
    return fetched.result;
  }

  /** Sees to it that a batch is being fetched if there is room for one. */
  #fetch(): void {
    while (!this.#isFetching && !this.#isAtEnd && this.#waiting.length < this.#count) {
      this.#isFetching = true;
      this.#fetching.add(
        this.#fetchOne().subscribe({
          next: (fetched) => {
            this.#isAtEnd = 'error' in fetched || fetched.result.done === true;
            this.#waiting.push(fetched);
          },
          error: (error: unknown) => {
            this.#isAtEnd = true;
            this.#waiting.push({ error });
            this.#fetched();
          },
          complete: () => this.#fetched(),
        }),
      );
    }
  }

  #fetched(): void {
    this.#isFetching = false;
    this.#arrived.next();
    this.#fetch();
  }

  #fetchOne(): Observable<Fetched<T>> {
    return asStream(this.#place ?? this.#input.capture()).pipe(
      take(1),
      concatMap((place) => {
        this.#place ??= keep(place);
        const pulled = this.#input.next();
        return isResult(pulled) ? of(pulled) : from(pulled);
      }),
      take(1),
      concatMap((result) =>
        asStream(this.#input.capture()).pipe(
          take(1),
          map((place) => ({ result, place: keep(place) })),
        ),
      ),
    );
  }
}

function isResult<T>(pulled: Result<T> | ObservableInput<Result<T>>): pulled is Result<T> {
  return !isPending(pulled);
}

/** A copy of `place` that stays as it is when the input goes on. */
function keep({ tensors, json }: PartState): PartState {
  const kept = new Map<string, Tensor>();
  for (const [name, tensor] of tensors)
    kept.set(name, 'bytes' in tensor ? { ...tensor, bytes: tensor.bytes.slice() } : tensor);
  return { tensors: kept, json };
}

function asStream<T>(value: T | ObservableInput<T>): Observable<T> {
  return isPending(value) ? from(value) : of(value);
}
