import type { Checkpointable } from '../../lib/session/checkpointable.js';
import { makeTensor } from '../../lib/tensor/make-tensor.js';
import type { PartState } from '../../lib/tensor/part-state.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';

/** A state of which every element is the step that it belongs to; between two steps it is anything but. */
export class StampedState implements Checkpointable {
  readonly kernel: Float32Array;
  readonly bias = new Float32Array(7);
  step = 0;

  constructor(elements: number) {
    this.kernel = new Float32Array(elements);
  }

  /** A step, in whose midst the state is of no step. */
  train(): void {
    this.step++;
    for (let part = 1; part <= 3; part++) {
      this.kernel.fill(this.step - part / 4);
      this.bias.fill(-this.step);
    }
    this.kernel.fill(this.step);
    this.bias.fill(this.step);
  }

  capture(): PartState {
    return {
      tensors: new Map([
        ['kernel', makeTensor('float32', [this.kernel.length], this.kernel)],
        ['bias', makeTensor('float32', [this.bias.length], this.bias)],
      ]),
      json: { step: this.step },
    };
  }

  restore({ tensors }: PartState): void {
    const kernel = tensors.get('kernel');
    const bias = tensors.get('bias');
    if (kernel === undefined || bias === undefined) throw new Error('tensors are missing');
    this.kernel.set(valuesOf(kernel));
    this.bias.set(valuesOf(bias));
    this.step = this.bias[0] ?? Number.NaN;
  }
}

type AnyTensor = NonNullable<ReturnType<PartState['tensors']['get']>>;

function valuesOf(tensor: AnyTensor): Float32Array {
  if (tensor.dtype === 'string') throw new Error('expected numbers');
  return new Float32Array(tensor.bytes.slice().buffer);
}

/** @throws Error unless all of a snapshot is of its step */
export function expectOneStep({ globalStep, tensors, json }: StateSnapshot): void {
  for (const name of ['kernel', 'bias']) {
    const tensor = tensors.get(`state/${name}`);
    if (tensor === undefined) throw new Error(`${name} is missing at step ${globalStep}`);
    const wrong = valuesOf(tensor).find((value) => value !== globalStep);
    if (wrong !== undefined) throw new Error(`${name} of step ${globalStep} has an element of step ${wrong}`);
  }
  const text = JSON.stringify(json);
  if (!text.includes(`"step":${globalStep}`)) throw new Error(`the JSON of step ${globalStep} is ${text}`);
}
