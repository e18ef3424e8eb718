import type { ObservableInput } from 'rxjs';
import type { PartState } from '../tensor/part-state.js';

/**
 * A part of the training state that checkpoints hold: a model, an optimizer, a generator, anything.
 *
 * The law of a part: `restore(capture())` changes nothing, and after `restore(state)` training goes on bit for bit as
 * it did after the `capture()` that gave `state`.
 */
export interface Checkpointable {
  /**
   * The part's state now. Called at step boundaries only; the result may hold views of live memory, which are read
   * before the loop goes on. A part whose memory must be read asynchronously returns an observable or a promise.
   */
  capture(): PartState | ObservableInput<PartState>;

  /**
   * What {@link restore} would refuse in `state`, one sentence each; nothing if it fits. Changes nothing. By default
   * names, dtypes and shapes are compared with those of {@link capture}.
   */
  differences?(state: PartState): readonly string[];

  /** Takes over `state`, which is valid only during the call (or until the returned work completes). */
  restore(state: PartState): void | ObservableInput<unknown>;
}
