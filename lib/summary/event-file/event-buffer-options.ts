import { describeReceived } from '../../error/describe-received.js';

export interface EventBufferOptions {
  /** How long an event is kept before it is written. Saves and the end of the run write it, too. @default 2 */
  readonly flushSeconds?: number | undefined;
  /** How many bytes are kept before they are written. @default 65,536 */
  readonly flushBytes?: number | undefined;
  /** How many bytes are kept while they cannot be written; what comes then is dropped, and counted. @default 16 MiB */
  readonly maxBufferedBytes?: number | undefined;
  /** The wall clock that stamps events, in milliseconds since 1970. @default Date.now */
  readonly wallClock?: (() => number) | undefined;
}

const FLUSH_BYTES = 64 * 1024;
const MAX_BUFFERED_BYTES = 16 * 1024 * 1024;
const LONGEST_SECONDS = 2 ** 31 / 1000;

/**
 * The options with their defaults, checked.
 *
 * @throws RangeError for numbers that are not positive
 */
export function eventBufferOptions(place: string, options: EventBufferOptions) {
  const { flushSeconds = 2, flushBytes = FLUSH_BYTES, maxBufferedBytes = MAX_BUFFERED_BYTES } = options;
  const { wallClock = Date.now } = options;
  if (!(flushSeconds > 0 && flushSeconds < LONGEST_SECONDS)) {
    throw new RangeError(
      `${place}(flushSeconds): expected a number above 0, received ${describeReceived(flushSeconds)}`,
    );
  }
  for (const [name, bytes] of Object.entries({ flushBytes, maxBufferedBytes })) {
    if (!(bytes >= 1))
      throw new RangeError(`${place}(${name}): expected a number from 1, received ${describeReceived(bytes)}`);
  }
  return { flushSeconds, flushBytes, maxBufferedBytes, wallTime: (): number => wallClock() / 1000 };
}
