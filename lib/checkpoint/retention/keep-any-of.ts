import { describeReceived } from '../../error/describe-received.js';
import type { Retention } from './retention.js';

/**
 * Keeps what at least one of `retentions` keeps, for all of their reasons.
 *
 *     saved                                           0 10 20 30 40 50
 *     keepAnyOf(keepLatest(2), keepEverySteps(20))    0    20    40 50
 *
 * @throws RangeError if there are none
 * @throws TypeError if one of them is no retention
 */
export function keepAnyOf(...retentions: readonly Retention[]): Retention {
  if (retentions.length === 0) throw new RangeError('keepAnyOf(...retentions): expected at least one, received none');
  for (const retention of retentions) {
    if (typeof retention?.reasons !== 'function') {
      throw new TypeError(
        `keepAnyOf(...retentions): expected retentions, e.g. keepLatest(5), received ${describeReceived(retention)}`,
      );
    }
  }
  return {
    name: `keepAnyOf(${retentions.map(({ name }) => name).join(', ')})`,
    reasons(checkpoints) {
      const all = retentions.map((retention) => retention.reasons(checkpoints));
      return checkpoints.map((_, index) => {
        const reasons = all.map((each) => each[index]).filter((reason) => reason !== undefined);
        return reasons.length === 0 ? undefined : reasons.join('; ');
      });
    },
  };
}
