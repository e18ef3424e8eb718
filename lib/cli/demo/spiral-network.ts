import { type Checkpointable, makeTensor, type PartState, random } from '../../index.js';

const INPUTS = 2;
const CLASSES = 3;
const [BETA1, BETA2, EPSILON] = [0.9, 0.999, 1e-8];

interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: Float32Array;
  readonly bias: Float32Array;
}

/** What one step of training tells. */
export interface Trained {
  /** Mean cross-entropy. */
  readonly loss: number;
  /** The share of the batch whose class was right. */
  readonly accuracy: number;
}

/**
 * A classifier of points in the plane into three classes, in plain arrays: two hidden layers of tanh, softmax, Adam.
 * All of its state is in checkpoints, so it is exact across restarts.
 */
export class SpiralNetwork implements Checkpointable {
  readonly #layers: readonly Layer[];
  /** Of each kernel and bias: gradient, and Adam's two moments. */
  readonly #slots: readonly {
    readonly name: string;
    readonly values: Float32Array;
    readonly shape: readonly number[];
  }[];
  readonly #gradients: ReadonlyMap<string, Float32Array>;
  readonly #moments: ReadonlyMap<string, Float32Array>;
  readonly #steps = new Float64Array(1);

  constructor(hidden: number, seed: number) {
    const sizes = [INPUTS, hidden, hidden, CLASSES];
    const draw = random(seed, 'demo/network');
    this.#layers = sizes.slice(1).map((outputs, i) => {
      const inputs = sizes[i] as number;
      const kernel = Float32Array.from({ length: inputs * outputs }, () => draw.normal() / Math.sqrt(inputs));
      return { inputs, outputs, kernel, bias: new Float32Array(outputs) };
    });
    this.#slots = this.#layers.flatMap(({ inputs, outputs, kernel, bias }, i) => [
      { name: `dense_${i + 1}/kernel`, values: kernel, shape: [inputs, outputs] },
      { name: `dense_${i + 1}/bias`, values: bias, shape: [outputs] },
    ]);
    this.#gradients = new Map(this.#slots.map(({ name, values }) => [name, new Float32Array(values.length)]));
    this.#moments = new Map(
      this.#slots.flatMap(({ name, values }) =>
        ['m', 'v'].map((moment) => [`adam/${moment}/${name}`, new Float32Array(values.length)] as const),
      ),
    );
  }

  /** @param points pairs of coordinates */
  train(points: Float32Array, labels: Uint8Array, learningRate: number): Trained {
    for (const gradient of this.#gradients.values()) gradient.fill(0);
    const count = labels.length;
    let loss = 0;
    let right = 0;
    for (let i = 0; i < count; i++) {
      const activations = this.#forward(points.subarray(i * INPUTS, (i + 1) * INPUTS));
      const output = activations.at(-1) as Float32Array;
      const label = labels[i] as number;
      loss -= Math.log(Math.max(output[label] as number, 1e-12));
      if (output.indexOf(Math.max(...output)) === label) right++;
      output[label] = (output[label] as number) - 1;
      this.#backward(activations, output, 1 / count);
    }
    this.#adam(learningRate);
    return { loss: loss / count, accuracy: right / count };
  }

  /** The activations of each layer, the inputs first; the last are probabilities. */
  #forward(point: Float32Array): readonly Float32Array[] {
    const activations = [point];
    for (const [i, { inputs, outputs, kernel, bias }] of this.#layers.entries()) {
      const from = activations[i] as Float32Array;
      const to = Float32Array.from(bias);
      for (let j = 0; j < inputs; j++) {
        const value = from[j] as number;
        for (let k = 0; k < outputs; k++) to[k] = (to[k] as number) + value * (kernel[j * outputs + k] as number);
      }
      activations.push(i === this.#layers.length - 1 ? softmax(to) : to.map(Math.tanh));
    }
    return activations;
  }

  #backward(activations: readonly Float32Array[], outputError: Float32Array, scale: number): void {
    let error = outputError;
    for (let i = this.#layers.length - 1; i >= 0; i--) {
      const { inputs, outputs, kernel } = this.#layers[i] as Layer;
      const from = activations[i] as Float32Array;
      const kernelGradient = this.#gradients.get(`dense_${i + 1}/kernel`) as Float32Array;
      const biasGradient = this.#gradients.get(`dense_${i + 1}/bias`) as Float32Array;
      const before = new Float32Array(inputs);
      for (let k = 0; k < outputs; k++) biasGradient[k] = (biasGradient[k] as number) + scale * (error[k] as number);
      for (let j = 0; j < inputs; j++) {
        const value = from[j] as number;
        let sum = 0;
        for (let k = 0; k < outputs; k++) {
          const at = j * outputs + k;
          kernelGradient[at] = (kernelGradient[at] as number) + scale * value * (error[k] as number);
          sum += (kernel[at] as number) * (error[k] as number);
        }
        before[j] = sum * (1 - value * value);
      }
      error = before;
    }
  }

  #adam(learningRate: number): void {
    const step = ((this.#steps[0] as number) += 1);
    const rate = (learningRate * Math.sqrt(1 - BETA2 ** step)) / (1 - BETA1 ** step);
    for (const { name, values } of this.#slots) {
      const gradient = this.#gradients.get(name) as Float32Array;
      const first = this.#moments.get(`adam/m/${name}`) as Float32Array;
      const second = this.#moments.get(`adam/v/${name}`) as Float32Array;
      for (let i = 0; i < values.length; i++) {
        const g = gradient[i] as number;
        const m = (first[i] = BETA1 * (first[i] as number) + (1 - BETA1) * g);
        const v = (second[i] = BETA2 * (second[i] as number) + (1 - BETA2) * g * g);
        values[i] = (values[i] as number) - (rate * m) / (Math.sqrt(v) + EPSILON);
      }
    }
  }

  capture(): PartState {
    const tensors = new Map(this.#slots.map(({ name, shape, values }) => [name, makeTensor('float32', shape, values)]));
    for (const [name, values] of this.#moments) tensors.set(name, makeTensor('float32', [values.length], values));
    return { tensors: tensors.set('adam/steps', makeTensor('float64', [], this.#steps)) };
  }

  restore({ tensors }: PartState): void {
    const own = new Map<string, ArrayBufferView>([
      ...this.#slots.map(({ name, values }) => [name, values] as const),
      ...this.#moments,
      ['adam/steps', this.#steps],
    ]);
    for (const [name, values] of own) {
      const tensor = tensors.get(name);
      if (tensor === undefined || tensor.dtype === 'string') continue;
      new Uint8Array(values.buffer, values.byteOffset, values.byteLength).set(tensor.bytes);
    }
  }
}

function softmax(values: Float32Array): Float32Array {
  const largest = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
