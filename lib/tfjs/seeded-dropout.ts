import { mul, serialization, type Tensor, tensor } from '@tensorflow/tfjs-core';
import { layers } from '@tensorflow/tfjs-layers';
import { checkMethods } from '../error/check-methods.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { Random, type RandomState } from '../session/random.js';

export interface SeededDropoutOptions {
  /** The share of the inputs that is set to 0, from 0 to below 1. */
  readonly rate: number;
  /** Where the layer draws from; it is the layer's own from then on. */
  readonly random: Random;
  readonly name?: string | undefined;
}

const OPTIONS: OptionNames<SeededDropoutOptions> = { rate: true, random: true, name: true };

/**
 * Makes a dropout layer whose random numbers come from a generator that {@link modelPart} keeps, so that a resumed run
 * drops the same units as one that was never interrupted.
 *
 * TensorFlow.js's own layer cannot do that: without a seed it draws from `Math.random()`, and with one it drops the
 * very same units in every step.
 *
 * @throws RangeError if `rate` is not from 0 to below 1
 */
export function seededDropout(options: SeededDropoutOptions): SeededDropout {
  checkOptions('seededDropout(options)', options, OPTIONS);
  const { rate, random, name } = options;
  if (!(rate >= 0 && rate < 1))
    throw new RangeError(`seededDropout(rate): expected 0 <= rate < 1, received ${describeReceived(rate)}`);
  checkMethods('seededDropout(random)', 'one that random(seed) makes', random, ['uniform', 'capture']);
  serialization.registerClass(SeededDropout);
  return new SeededDropout({ rate, state: random.state, ...(name === undefined ? {} : { name }) });
}

/** @see seededDropout */
export class SeededDropout extends layers.Layer {
  static readonly className = 'SeededDropout';
  readonly rate: number;
  readonly random: Random;

  constructor(config: { readonly rate: number; readonly state: RandomState; readonly name?: string }) {
    super(config.name === undefined ? {} : { name: config.name });
    this.rate = config.rate;
    this.random = new Random(config.state);
    this.supportsMasking = true;
  }

  override call(inputs: Tensor | Tensor[], kwargs: { readonly training?: unknown }): Tensor {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    if (input === undefined) throw new TypeError('SeededDropout.call(inputs): expected one tensor, received none');
    if (kwargs.training !== true || this.rate === 0) return input;
    return mul(input, this.#mask(input.shape));
  }

  #mask(shape: number[]): Tensor {
    const keep = 1 / (1 - this.rate);
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let index = 0; index < values.length; index++) values[index] = this.random.uniform() < this.rate ? 0 : keep;
    return tensor(values, shape, 'float32');
  }

  override computeOutputShape(inputShape: number[]): number[] {
    return inputShape;
  }

  override getConfig(): serialization.ConfigDict {
    return { ...super.getConfig(), rate: this.rate, state: [...this.random.state] };
  }
}
