import { concatMap, from, type Observable, type ObservableInput, of } from 'rxjs';
import type { Input, InputCursor } from '../../session/input.js';
import { isPending } from '../../session/is-pending.js';
import { openInput } from '../../session/open-input.js';
import type { PartState } from '../../tensor/part-state.js';

/**
 * The batches of one run by their number in the input, from 0, and those that are to be passed over. Outlives the
 * cursors, of which every recovery opens another.
 */
export class SkippableBatches {
  readonly #skipped = new Set<number>();
  #isOpen = false;
  /** The number of the batch that was given last; -1 before there is one. */
  lastIndex = -1;

  get skipped(): readonly number[] {
    return [...this.#skipped].sort((a, b) => a - b);
  }

  skip(indices: Iterable<number>): void {
    for (const index of indices) this.#skipped.add(index);
  }

  isSkipped(index: number): boolean {
    return this.#skipped.has(index);
  }

  /** Forgets everything for a new run, unless another run goes on. */
  reset(): void {
    if (this.#isOpen) return;
    this.#skipped.clear();
    this.lastIndex = -1;
  }

  /** @throws Error if another run goes on */
  open(): void {
    if (this.#isOpen) {
      throw new Error('rollbackOnSpike: two runs at once share one; make it inside defer(), for each run anew');
    }
    this.#isOpen = true;
  }

  close(): void {
    this.#isOpen = false;
  }
}

type Pulled<T> = IteratorResult<T, unknown>;

/** Passes over the batches that are to be skipped; its place counts them as taken. */
export class SkippingCursor<T> implements InputCursor<T> {
  readonly #inner: InputCursor<T>;
  readonly #batches: SkippableBatches;
  /** How many batches were taken from the input. */
  #position = 0;

  constructor(input: Input<T>, batches: SkippableBatches) {
    batches.open();
    this.#batches = batches;
    try {
      this.#inner = openInput(input);
    } catch (error) {
      batches.close();
      throw error;
    }
  }

  next(): Pulled<T> | ObservableInput<Pulled<T>> {
    for (;;) {
      const pulled = this.#inner.next();
      if (isPending<Pulled<T>>(pulled)) return from(pulled).pipe(concatMap((result) => this.#later(result)));
      if (this.#take(pulled)) return pulled;
    }
  }

  capture(): PartState | ObservableInput<PartState> {
    const inner = this.#inner.capture();
    return isPending<PartState>(inner)
      ? from(inner).pipe(concatMap((state) => of(this.#wrap(state))))
      : this.#wrap(inner);
  }

  differences(state: PartState): readonly string[] {
    const own = decode(state);
    if (own === undefined) return ['position is missing: this checkpoint was written with another input'];
    return this.#inner.differences?.(own.inner) ?? [];
  }

  restore(state: PartState): void | ObservableInput<unknown> {
    const own = decode(state);
    if (own === undefined) return undefined;
    this.#position = own.position;
    this.#batches.lastIndex = own.position - 1;
    this.#batches.skip(own.skipped);
    return this.#inner.restore(own.inner);
  }

  close(): void {
    this.#batches.close();
    this.#inner.close?.();
  }

  #later(result: Pulled<T>): Observable<Pulled<T>> {
    if (this.#take(result)) return of(result);
    const next = this.next();
    return isPending<Pulled<T>>(next) ? from(next) : of(next);
  }

  /** Counts a batch; whether it is to be given. */
  #take(result: Pulled<T>): boolean {
    if (result.done === true) return true;
    const index = this.#position++;
    if (this.#batches.isSkipped(index)) return false;
    this.#batches.lastIndex = index;
    return true;
  }

  #wrap({ tensors, json }: PartState): PartState {
    // Those that were passed already are never met again.
    const skipped = this.#batches.skipped.filter((index) => index >= this.#position);
    return { tensors, json: { position: this.#position, skipped, ...(json !== undefined && { inner: json }) } };
  }
}

interface Place {
  readonly position: number;
  readonly skipped: readonly number[];
  readonly inner: PartState;
}

function decode({ tensors, json }: PartState): Place | undefined {
  if (typeof json !== 'object' || json === null || !('position' in json) || !('skipped' in json)) return undefined;
  const { position, skipped, inner } = json;
  if (typeof position !== 'number' || !Array.isArray(skipped)) return undefined;
  return {
    position,
    skipped: skipped.filter((index) => typeof index === 'number'),
    inner: { tensors, json: inner },
  };
}
