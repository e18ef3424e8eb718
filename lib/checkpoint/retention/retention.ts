import type { Checkpoint } from '../checkpoint.js';

/**
 * Says which checkpoints stay: a pure function from the list of all, oldest first, to the reason why each is kept, or
 * `undefined` where one may go. The newest is always kept, whatever a retention says.
 */
export interface Retention {
  /** For messages, e.g. `keepLatest(5)`. */
  readonly name: string;
  reasons(checkpoints: readonly Checkpoint[]): readonly (string | undefined)[];
}
