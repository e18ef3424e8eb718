import { describeReceived } from '../error/describe-received.js';

// Timers of Node and of browsers keep their delay in a signed 32-bit number, and fire at once when it overflows.
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * A time span for a timer.
 *
 * @param where the function and its argument, for messages, e.g. `everySeconds(seconds)`
 * @throws RangeError unless `seconds` is above 0 and no more than timers can wait, which is about 24.8 days
 */
export function toMilliseconds(where: string, seconds: number): number {
  const milliseconds = typeof seconds === 'number' ? seconds * 1000 : Number.NaN;
  if (!(milliseconds > 0 && milliseconds <= LONGEST_TIMER_MS)) {
    throw new RangeError(
      `${where}: expected seconds above 0, at most ${LONGEST_TIMER_MS / 1000}, received ${describeReceived(seconds)}`,
    );
  }
  return milliseconds;
}
