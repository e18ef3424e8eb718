import type { Json } from './json.js';
import type { Tensors } from './tensor.js';

/** The tensor that holds the step, under TensorFlow's name. */
export const GLOBAL_STEP = 'global_step';

/**
 * The whole state of a run at a step boundary, flat, as checkpoints hold it: tensors are named `<part>/<name>`, the
 * step is the int64 scalar `global_step`, and the JSON of all parts is one value.
 *
 * Its tensors may be views of live memory, so a snapshot is valid only until the loop goes on.
 */
export interface StateSnapshot {
  readonly globalStep: number;
  readonly tensors: Tensors;
  readonly json: Json;
}
