import { NonFiniteStateError } from '../error/non-finite-state-error.js';
import { isAllFinite } from '../tensor/is-all-finite.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';

/**
 * Checks that no tensor of a state holds NaN or an infinity; some gigabytes a second.
 *
 * @throws NonFiniteStateError naming the first one that does
 */
export function checkFinite({ globalStep, tensors }: StateSnapshot): void {
  for (const [name, tensor] of tensors) {
    if (tensor.dtype !== 'string' && !isAllFinite(tensor)) throw new NonFiniteStateError(globalStep, name);
  }
}
