import { from, map, type Observable, type ObservableInput } from 'rxjs';
import { describeReceived } from '../error/describe-received.js';
import { StateMismatchError } from '../error/state-mismatch-error.js';
import type { PartState } from '../tensor/part-state.js';
import type { Input, InputCursor } from './input.js';

const NO_TENSORS: PartState['tensors'] = new Map();

/** @throws TypeError if `input` is none */
export function checkInput(input: unknown): void {
  if (input === undefined || typeof input === 'string') return;
  const isInput =
    typeof input === 'object' &&
    input !== null &&
    ('open' in input || Symbol.asyncIterator in input || Symbol.iterator in input);
  if (isInput) return;
  const expected = 'an iterable, an async iterable or a resumable input';
  throw new TypeError(`trainingSession(input): expected ${expected}, received ${describeReceived(input)}`);
}

/** Opens an input for one run. Without an input there is no end: every batch is `undefined`. */
export function openInput<T>(input: Input<T> | undefined): InputCursor<T> {
  if (input === undefined) return new EndlessCursor() as InputCursor<T>;
  checkInput(input);
  if (typeof input === 'object' && 'open' in input) return input.open();
  if (typeof input === 'object' && Symbol.asyncIterator in input) return new AsyncIterableCursor(input);
  return new IterableCursor(input);
}

/** Counts batches, so that a restored run can skip those it has trained on. */
abstract class CountingCursor<T> implements InputCursor<T> {
  protected position = 0;

  capture(): PartState {
    return { tensors: NO_TENSORS, json: { position: this.position } };
  }

  differences(state: PartState): readonly string[] {
    return positionOf(state) === undefined
      ? ['position is missing: this checkpoint was written with another input']
      : [];
  }

  restore(state: PartState): void | ObservableInput<unknown> {
    return this.skip(positionOf(state) ?? 0);
  }

  abstract next(): IteratorResult<T, unknown> | ObservableInput<IteratorResult<T, unknown>>;
  protected abstract skip(batches: number): void | ObservableInput<unknown>;
}

class IterableCursor<T> extends CountingCursor<T> {
  readonly #iterator: Iterator<T, unknown>;

  constructor(iterable: Iterable<T>) {
    super();
    this.#iterator = iterable[Symbol.iterator]();
    mustBeFresh(iterable, this.#iterator);
  }

  next(): IteratorResult<T, unknown> {
    const result = this.#iterator.next();
    if (result.done !== true) {
      mustBeBatch(result.value, this.position);
      this.position++;
    }
    return result;
  }

  close(): void {
    this.#iterator.return?.();
  }

  protected skip(batches: number): void {
    while (this.position < batches) {
      if (this.next().done === true) throw endedEarly(this.position, batches);
    }
  }
}

class AsyncIterableCursor<T> extends CountingCursor<T> {
  readonly #iterator: AsyncIterator<T, unknown>;
  #isClosed = false;

  constructor(iterable: AsyncIterable<T>) {
    super();
    this.#iterator = iterable[Symbol.asyncIterator]();
    mustBeFresh(iterable, this.#iterator);
  }

  next(): Observable<IteratorResult<T, unknown>> {
    return from(this.#iterator.next()).pipe(
      map((result) => {
        // Counted here, when it is delivered: a batch that nobody waits for any more was not trained on.
        if (result.done !== true) {
          mustBeBatch(result.value, this.position);
          this.position++;
        }
        return result;
      }),
    );
  }

  close(): void {
    this.#isClosed = true;
    // Nobody waits for a generator's clean-up; what it throws then has no run to fail.
    this.#iterator.return?.()?.then(undefined, () => {});
  }

  protected async skip(batches: number): Promise<void> {
    for (; this.position < batches && !this.#isClosed; this.position++) {
      if ((await this.#iterator.next()).done === true) throw endedEarly(this.position, batches);
    }
  }
}

class EndlessCursor implements InputCursor<undefined> {
  readonly #result = { done: false as const, value: undefined };

  next(): IteratorResult<undefined> {
    return this.#result;
  }

  capture(): PartState {
    return { tensors: NO_TENSORS };
  }

  differences(): readonly string[] {
    return [];
  }

  restore(): void {}
}

const opened = new WeakSet<object>();

/** An iterable that is its own iterator, as a generator is, gives its batches to one run and never again. */
function mustBeFresh(iterable: object, iterator: object): void {
  if (iterator !== iterable) return;
  if (opened.has(iterable)) {
    throw new TypeError(
      'trainingSession(input): expected an input that every run and every recovery can read from its start, received ' +
        'a generator or an iterator that was read before; give an object whose [Symbol.iterator]() makes a new one',
    );
  }
  opened.add(iterable);
}

function mustBeBatch(batch: unknown, position: number): void {
  if (batch === undefined) throw new TypeError(`trainingSession(input): batch ${position} is undefined`);
}

function endedEarly(position: number, batches: number): StateMismatchError {
  return new StateMismatchError('input', [`input ended after ${position} batches, the checkpoint is at ${batches}`]);
}

function positionOf({ json }: PartState): number | undefined {
  if (typeof json !== 'object' || json === null || !('position' in json)) return undefined;
  const { position } = json;
  return typeof position === 'number' && Number.isSafeInteger(position) && position >= 0 ? position : undefined;
}
