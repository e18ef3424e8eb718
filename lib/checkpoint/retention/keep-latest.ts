import { describeReceived } from '../../error/describe-received.js';
import type { Retention } from './retention.js';

/**
 * Keeps the newest `count` checkpoints.
 *
 *     saved           0 10 20 30 40
 *     keepLatest(3)         20 30 40
 *
 * @param count a whole number from 1, or `Infinity`
 * @throws RangeError if it is neither
 */
export function keepLatest(count: number): Retention {
  if (!(count === Number.POSITIVE_INFINITY || (Number.isSafeInteger(count) && count >= 1))) {
    throw new RangeError(
      `keepLatest(count): expected a whole number from 1 or Infinity, received ${describeReceived(count)}`,
    );
  }
  return {
    name: `keepLatest(${count})`,
    reasons: (checkpoints) =>
      checkpoints.map((_, index) => (index >= checkpoints.length - count ? `among the latest ${count}` : undefined)),
  };
}
