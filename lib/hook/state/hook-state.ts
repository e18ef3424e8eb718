import { StateMismatchError } from '../../error/state-mismatch-error.js';
import type { TrackedPart } from '../../session/run-control.js';
import type { PartState } from '../../tensor/part-state.js';
import { decodeStorable } from './decode-storable.js';
import { encodeStorable } from './encode-storable.js';
import { shapeDifferences } from './shape-differences.js';

export interface HookStateOptions<A> {
  /** What it is in checkpoints: `hook/<key>`. */
  readonly key: string;
  /** The state of a fresh run. */
  readonly initial: () => A;
  /**
   * Checks what a checkpoint holds, and gives it its type; what it throws refuses the checkpoint. Without it, the saved
   * state must have the shape of the initial one.
   */
  readonly decode?: ((saved: unknown) => A) | undefined;
}

/** The state of a hook in one run: a value that checkpoints hold under the hook's key. */
export class HookState<A> implements TrackedPart {
  readonly #options: HookStateOptions<A>;
  current: A;

  constructor(options: HookStateOptions<A>) {
    this.#options = options;
    this.current = options.initial();
  }

  capture(): PartState {
    return encodeStorable(this.#options.key, this.current);
  }

  restore(state: PartState | undefined): void {
    const { key, initial, decode = (saved) => this.#ofSameShape(saved) } = this.#options;
    if (state === undefined) {
      this.current = initial();
      return;
    }
    try {
      this.current = decode(decodeStorable(state));
    } catch (error) {
      if (error instanceof StateMismatchError) throw error;
      const fault = error instanceof Error ? error.message : String(error);
      throw new StateMismatchError(`part hook/${key}`, [`the state of hook "${key}": ${fault}`]);
    }
  }

  #ofSameShape(saved: unknown): A {
    const { key, initial } = this.#options;
    const differences = shapeDifferences(initial(), saved);
    if (differences.length > 0) {
      throw new StateMismatchError(
        `part hook/${key}`,
        differences.map((difference) => `the state of hook "${key}": ${difference}`),
      );
    }
    return saved as A;
  }
}
