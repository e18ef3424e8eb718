import type { Checkpoint } from '../checkpoint.js';
import type { Retention } from './retention.js';

/**
 * Keeps certain checkpoints, whatever comes after them.
 *
 *     saved                     0 10 20 30 40
 *     pinned('model.ckpt-10')     10
 *
 * @param pins prefixes, or functions that say whether a checkpoint is to be kept
 * @throws RangeError if there are none
 * @throws TypeError if one of them is neither
 * @example
 * keepAnyOf(keepLatest(5), pinned('model.ckpt-9000', ({ globalStep }) => globalStep === 0))
 */
export function pinned(...pins: readonly (string | ((checkpoint: Checkpoint) => boolean))[]): Retention {
  if (pins.length === 0) throw new RangeError('pinned(...pins): expected at least one, received none');
  for (const pin of pins) {
    if (typeof pin !== 'function' && (typeof pin !== 'string' || pin === '')) {
      throw new TypeError(
        `pinned(...pins): expected prefixes and functions, received ${pin === '' ? 'an empty prefix' : typeof pin}`,
      );
    }
  }
  const isPinned = (checkpoint: Checkpoint): boolean =>
    pins.some((pin) => (typeof pin === 'string' ? pin === checkpoint.prefix : pin(checkpoint)));
  return {
    name: `pinned(${pins.map((pin) => (typeof pin === 'string' ? pin : pin.name || 'by a function')).join(', ')})`,
    reasons: (checkpoints) => checkpoints.map((checkpoint) => (isPinned(checkpoint) ? 'pinned' : undefined)),
  };
}
