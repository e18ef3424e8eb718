import type { Checkpointable } from '../session/checkpointable.js';
import { int64Scalar, makeTensor } from '../tensor/make-tensor.js';
import type { PartState } from '../tensor/part-state.js';

/** The state of a session in tests: one model whose every byte is known after any number of steps. */
export interface FakeState {
  readonly model: FakeModel;
  // A state is a record of parts.
  readonly [part: string]: Checkpointable;
}

/** A fresh state, before the first step, or as it is after `steps` steps. */
export function fakeState(steps = 0): FakeState {
  const model = new FakeModel();
  model.train(steps);
  return { model };
}

const WEIGHTS = 4;

/**
 * A model that learns to count. After `n` steps its tensor `steps` (int64, `[]`) is `n`, and `weights` (float32, `[4]`)
 * is `[n / 8, 2n / 8, 3n / 8, 4n / 8]`, exactly, up to 4 million steps. All models look equal to
 * {@link firstDifference}, so that events can be compared after the run; compare their captured state instead.
 */
export class FakeModel implements Checkpointable {
  #steps = 0;

  get steps(): number {
    return this.#steps;
  }

  train(steps = 1): void {
    this.#steps += steps;
  }

  capture(): PartState {
    const weights = Float32Array.from({ length: WEIGHTS }, (_, i) => (this.#steps * (i + 1)) / 8);
    return {
      tensors: new Map([
        ['steps', int64Scalar(this.#steps)],
        ['weights', makeTensor('float32', [WEIGHTS], weights)],
      ]),
    };
  }

  restore({ tensors }: PartState): void {
    const steps = tensors.get('steps');
    if (steps?.dtype !== 'int64') throw new TypeError('FakeModel.restore(state): expected an int64 tensor `steps`');
    const { buffer, byteOffset, byteLength } = steps.bytes;
    this.#steps = Number(new DataView(buffer, byteOffset, byteLength).getBigInt64(0, true));
  }
}
