import { describeReceived } from '../../error/describe-received.js';
import type { Retention } from './retention.js';

/**
 * Keeps the first checkpoint at or after each multiple of `steps`, 0 among them.
 *
 *     saved                0 40 80 120 160 200 240
 *     keepEverySteps(100)  0       120     200
 *
 * @param steps a whole number from 1
 * @throws RangeError if it is none
 */
export function keepEverySteps(steps: number): Retention {
  if (!(Number.isSafeInteger(steps) && steps >= 1)) {
    throw new RangeError(`keepEverySteps(steps): expected a whole number from 1, received ${describeReceived(steps)}`);
  }
  return {
    name: `keepEverySteps(${steps})`,
    reasons(checkpoints) {
      let last = -1;
      return checkpoints.map(({ globalStep }) => {
        const multiple = Math.floor(globalStep / steps);
        if (multiple <= last) return undefined;
        last = multiple;
        return `the first from step ${multiple * steps} on`;
      });
    },
  };
}
