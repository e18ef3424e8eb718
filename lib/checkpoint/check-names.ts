import type { StateSnapshot } from '../tensor/state-snapshot.js';

/**
 * Checks that a state is one: it holds something, and every tensor of it has a name. A session's is always.
 *
 * @throws TypeError for an empty name; RangeError if there is neither a tensor nor any JSON
 */
export function checkNames({ tensors, json }: Pick<StateSnapshot, 'tensors' | 'json'>): void {
  if (tensors.has('')) throw new TypeError('save(snapshot): expected tensors with names, received an empty name');
  if (tensors.size === 0 && json === null) {
    throw new RangeError('save(snapshot): nothing to save: expected tensors or JSON, received neither');
  }
}
