import type { Json } from './json.js';
import type { Tensors } from './tensor.js';

/** What one part of the training state (a model, an optimizer, an input's position, a hook) gives to a checkpoint. */
export interface PartState {
  /** By name within the part; names are any text but the empty one. */
  readonly tensors: Tensors;
  /** Small state that is not tensors: positions, counters, generator states. */
  readonly json?: Json | undefined;
}
