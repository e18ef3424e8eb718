import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { StateMismatchError } from '../error/state-mismatch-error.js';
import type { Json } from '../tensor/json.js';
import type { PartState } from '../tensor/part-state.js';
import type { InputCursor, ResumableInput } from './input.js';
import { random } from './random.js';

export interface ShuffledBatchesOptions<T> {
  /** How many examples there are. */
  readonly size: number;
  readonly batchSize: number;
  /** What decides the order, together with the epoch. */
  readonly seed: number;
  /** How often every example comes. Default: without end. */
  readonly epochs?: number | undefined;
  /** Leaves out the last batch of an epoch if it is not full. Default false. */
  readonly dropRemainder?: boolean | undefined;
  /** Makes a batch of the examples at `indices`, which are a view that is valid only during the call. */
  readonly take: (indices: Uint32Array) => T;
}

const OPTIONS: OptionNames<ShuffledBatchesOptions<never>> = {
  size: true,
  batchSize: true,
  seed: true,
  epochs: true,
  dropRemainder: true,
  take: true,
};

/**
 * Gives batches of examples in an order that is shuffled anew in each epoch.
 *
 * The order is a function of the seed and the epoch alone, so a checkpoint holds three numbers, and a restored run goes
 * on at the very batch, in time proportional to `size`. A checkpoint with another size, batch size, seed or rest does
 * not fit; the number of epochs may change.
 *
 * @throws RangeError for a size, batch size or number of epochs below 1, a seed that is no safe integer, or if
 * `dropRemainder` leaves nothing
 */
export function shuffledBatches<T>(options: ShuffledBatchesOptions<T>): ResumableInput<T> {
  checkOptions('shuffledBatches(options)', options, OPTIONS);
  const { size, batchSize, seed, epochs = Number.POSITIVE_INFINITY, dropRemainder = false, take } = options;
  mustBeCount('size', size, 0xffff_ffff);
  mustBeCount('batchSize', batchSize, 0xffff_ffff);
  if (epochs !== Number.POSITIVE_INFINITY) mustBeCount('epochs', epochs, Number.MAX_SAFE_INTEGER);
  if (!Number.isSafeInteger(seed)) {
    throw new RangeError(`shuffledBatches(seed): expected a safe integer, received ${describeReceived(seed)}`);
  }
  if (dropRemainder && batchSize > size) {
    throw new RangeError(
      `shuffledBatches(batchSize): expected at most size (${size}) with dropRemainder, received ${describeReceived(batchSize)}`,
    );
  }
  return { open: () => new ShuffledCursor({ size, batchSize, seed, dropRemainder }, epochs, take) };
}

interface Order {
  readonly size: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly dropRemainder: boolean;
}

class ShuffledCursor<T> implements InputCursor<T> {
  readonly #batchesPerEpoch: number;
  #epoch = 0;
  #batch = 0;
  #permutation: { readonly epoch: number; readonly indices: Uint32Array } | undefined;

  constructor(
    readonly order: Order,
    readonly epochs: number,
    readonly take: (indices: Uint32Array) => T,
  ) {
    const batches = order.size / order.batchSize;
    this.#batchesPerEpoch = order.dropRemainder ? Math.floor(batches) : Math.ceil(batches);
  }

  next(): IteratorResult<T, undefined> {
    if (this.#epoch >= this.epochs) return { done: true, value: undefined };
    const start = this.#batch * this.order.batchSize;
    const value = this.take(this.#indices().subarray(start, start + this.order.batchSize));
    if (++this.#batch === this.#batchesPerEpoch) {
      this.#epoch++;
      this.#batch = 0;
    }
    return { done: false, value };
  }

  capture(): PartState {
    return { tensors: new Map(), json: { ...this.order, epoch: this.#epoch, batch: this.#batch } };
  }

  differences({ json }: PartState): readonly string[] {
    const fields = fieldsOf(json);
    const differences: string[] = [];
    for (const [name, value] of Object.entries(this.order)) {
      if (fields[name] !== value) {
        differences.push(`${name} is ${text(fields[name])} in the checkpoint, ${text(value)} in this input`);
      }
    }
    if (!isCount(fields['epoch'])) differences.push(`epoch is ${text(fields['epoch'])} in the checkpoint`);
    if (!isCount(fields['batch']) || (differences.length === 0 && fields['batch'] >= this.#batchesPerEpoch)) {
      differences.push(`batch is ${text(fields['batch'])} in the checkpoint`);
    }
    return differences;
  }

  restore(state: PartState): void {
    const { epoch, batch } = fieldsOf(state.json);
    const differences = this.differences(state);
    if (differences.length > 0 || !isCount(epoch) || !isCount(batch)) {
      throw new StateMismatchError('of shuffled batches', differences);
    }
    this.#epoch = epoch;
    this.#batch = batch;
  }

  #indices(): Uint32Array {
    if (this.#permutation?.epoch === this.#epoch) return this.#permutation.indices;
    // The array is reused; it starts in order again, so that nothing of earlier epochs is in it.
    const indices = this.#permutation?.indices ?? new Uint32Array(this.order.size);
    for (let index = 0; index < indices.length; index++) indices[index] = index;
    random(this.order.seed, `shuffle/${this.#epoch}`).shuffle(indices);
    this.#permutation = { epoch: this.#epoch, indices };
    return indices;
  }
}

function mustBeCount(name: string, value: number, most: number): void {
  if (!Number.isSafeInteger(value) || value < 1 || value > most) {
    throw new RangeError(
      `shuffledBatches(${name}): expected a whole number from 1 to ${most}, received ${describeReceived(value)}`,
    );
  }
}

function isCount(value: Json | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function fieldsOf(json: Json | undefined): Readonly<Record<string, Json>> {
  return typeof json === 'object' && json !== null ? Object.fromEntries(Object.entries(json)) : {};
}

function text(value: Json | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}
