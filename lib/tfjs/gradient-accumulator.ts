import { add, div, type Tensor as TfTensor, tidy, type Variable, variable, zerosLike } from '@tensorflow/tfjs-core';
import { checkMethods } from '../error/check-methods.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { StateMismatchError } from '../error/state-mismatch-error.js';
import type { Checkpointable } from '../session/checkpointable.js';
import type { Json } from '../tensor/json.js';
import type { PartState } from '../tensor/part-state.js';
import type { OptimizerPart } from './optimizer-part.js';
import type { Gradients } from './train-step.js';
import { captureVariables, restoreVariables, variableDifferences } from './variables-part.js';

const NO_GRADIENTS: Gradients = new Map();

export interface GradientAccumulatorOptions {
  /** How many batches make up one update; a whole number from 1. */
  readonly batches: number;
}

const OPTIONS: OptionNames<GradientAccumulatorOptions> = { batches: true };

/**
 * Makes a part of the training state that adds up gradients over several batches, for updates as of one large batch.
 * Its partial sums are in checkpoints, so a run that is cut in the midst of an update goes on exactly.
 *
 * @throws RangeError unless `batches` is a whole number from 1
 * @see accumulatingStep
 */
export function gradientAccumulator(
  optimizer: OptimizerPart,
  options: GradientAccumulatorOptions,
): GradientAccumulator {
  checkMethods('gradientAccumulator(optimizer)', 'an optimizerPart(…)', optimizer, ['capture', 'restore']);
  checkOptions('gradientAccumulator(options)', options, OPTIONS);
  return new GradientAccumulator(optimizer, options);
}

/** Sums of gradients as a part of the training state. Made by {@link gradientAccumulator}. */
export class GradientAccumulator implements Checkpointable {
  readonly #optimizer: OptimizerPart;
  readonly #batches: number;
  readonly #sums = new Map<string, Variable>();
  /** Those that had a gradient since the last update: the others are not to be applied. */
  readonly #seen = new Set<string>();
  #count = 0;

  constructor(optimizer: OptimizerPart, { batches }: GradientAccumulatorOptions) {
    if (!(Number.isSafeInteger(batches) && batches >= 1)) {
      throw new RangeError(
        `gradientAccumulator(batches): expected a whole number from 1, received ${describeReceived(batches)}`,
      );
    }
    this.#optimizer = optimizer;
    this.#batches = batches;
  }

  /** How many batches are in the sums; 0 right after an update. */
  get count(): number {
    return this.#count;
  }

  /**
   * Adds the gradients of a batch. Returns their mean over the batches if this was the last one of an update, else no
   * gradient at all. To be called within `tidy`.
   */
  add(gradients: Gradients): Gradients {
    for (const [name, gradient] of gradients) {
      const sum = this.#sumOf(name, gradient);
      sum.assign(this.#seen.has(name) ? add(sum, gradient) : gradient.clone());
      this.#seen.add(name);
    }
    this.#count++;
    if (this.#count < this.#batches) return NO_GRADIENTS;
    const means = new Map<string, TfTensor>();
    for (const name of this.#seen) {
      const sum = this.#sums.get(name);
      if (sum !== undefined) means.set(name, div(sum, this.#batches));
    }
    this.#count = 0;
    this.#seen.clear();
    return means;
  }

  capture(): PartState | Promise<PartState> {
    const json: Json = { count: this.#count, batches: this.#batches };
    const state = captureVariables(this.#pending());
    return state instanceof Promise
      ? state.then(({ tensors }) => ({ tensors, json }))
      : { tensors: state.tensors, json };
  }

  differences(state: PartState): readonly string[] {
    const saved = decode(state.json);
    if (saved === undefined) return ['count is missing: this is not the state of a gradient accumulator'];
    if (saved.batches !== this.#batches && saved.count > 0) {
      return [
        `batches is ${saved.batches} in the checkpoint, which lies within an update, ${this.#batches} in this state`,
      ];
    }
    const { trained } = this.#optimizer;
    const wanted = new Map([...trained].filter(([name]) => state.tensors.has(name)));
    return variableDifferences(wanted, state.tensors);
  }

  restore(state: PartState): void {
    const differences = this.differences(state);
    const saved = decode(state.json);
    if (differences.length > 0 || saved === undefined) {
      throw new StateMismatchError('of a gradient accumulator', differences);
    }
    this.#seen.clear();
    for (const [name, trained] of this.#optimizer.trained) {
      if (!state.tensors.has(name)) continue;
      this.#sumOf(name, trained);
      this.#seen.add(name);
    }
    restoreVariables('of a gradient accumulator', this.#pending(), state.tensors);
    this.#count = saved.count;
  }

  /** Frees the sums. */
  dispose(): void {
    for (const sum of this.#sums.values()) sum.dispose();
    this.#sums.clear();
    this.#seen.clear();
    this.#count = 0;
  }

  /** What is summed up for the next update. */
  #pending(): ReadonlyMap<string, Variable> {
    return new Map([...this.#sums].filter(([name]) => this.#seen.has(name)));
  }

  #sumOf(name: string, like: TfTensor): Variable {
    let sum = this.#sums.get(name);
    if (sum === undefined) {
      // Variables outlive `tidy`; their names must be new in the whole process, so they are left to TensorFlow.js.
      sum = tidy(() => variable(zerosLike(like), false));
      this.#sums.set(name, sum);
    }
    return sum;
  }
}

function decode(json: Json | undefined): { readonly count: number; readonly batches: number } | undefined {
  if (typeof json !== 'object' || json === null || !('count' in json) || !('batches' in json)) return undefined;
  const { count, batches } = json;
  const isSound = Number.isSafeInteger(count) && Number.isSafeInteger(batches) && Number(count) >= 0;
  return isSound ? { count: Number(count), batches: Number(batches) } : undefined;
}
