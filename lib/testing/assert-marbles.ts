import { describeValue } from './describe-value.js';
import { drawMarbles, drawMoments, type TimedNotification } from './draw-marbles.js';
import { firstDifference } from './first-difference.js';
import type { LetterTable } from './letter-table.js';
import { MarbleMismatchError } from './marble-mismatch-error.js';

const NEVER_ENDED =
  'the actual stream never ended: a promise, an async function or setTimeout inside it does not run in virtual time; ' +
  'pass an observable in tests, e.g. cold("--|")';

/** When something was subscribed to, and until when, in milliseconds; `Infinity` for never. */
interface SubscriptionLog {
  readonly subscribedFrame: number;
  readonly unsubscribedFrame: number;
}

/**
 * Compares what TestScheduler recorded with what was expected; values are compared by structure.
 *
 * @throws MarbleMismatchError, which shows both as marbles, if they differ
 */
export function assertMarbles(actual: unknown, expected: unknown, letters: LetterTable): void {
  if (firstDifference(actual, expected) === undefined) return;
  if (areSubscriptions(actual) && areSubscriptions(expected)) {
    throw new MarbleMismatchError(
      'the subscriptions differ',
      actual.map(drawSubscription).join('\n') || '(none)',
      expected.map(drawSubscription).join('\n') || '(none)',
    );
  }
  const found = actual as readonly TimedNotification[];
  const wanted = expected as readonly TimedNotification[];
  const drawnActual = drawMarbles(found, letters);
  const drawnExpected = drawMarbles(wanted, letters);
  const notes = [...new Set([...drawnExpected.legend, ...drawnActual.legend])].sort().map((line) => `  ${line}`);
  const at = valueDifference(found, wanted);
  if (at !== undefined) notes.push(at);
  if (!hasEnded(found) && hasEnded(wanted)) notes.push(NEVER_ENDED);
  throw new MarbleMismatchError('the streams differ', drawnActual.line, drawnExpected.line, notes);
}

function areSubscriptions(value: unknown): value is readonly SubscriptionLog[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'object' && 'subscribedFrame' in item);
}

function drawSubscription({ subscribedFrame, unsubscribedFrame }: SubscriptionLog): string {
  if (subscribedFrame === Number.POSITIVE_INFINITY) return '(never)';
  const moments = [{ frame: subscribedFrame, mark: '^' }];
  if (unsubscribedFrame !== Number.POSITIVE_INFINITY) moments.push({ frame: unsubscribedFrame, mark: '!' });
  return drawMoments(moments);
}

/** Where the first pair of values differs, if values are what differs first: long values look alike in a legend. */
function valueDifference(
  actual: readonly TimedNotification[],
  expected: readonly TimedNotification[],
): string | undefined {
  const index = actual.findIndex((item, i) => firstDifference(item, expected[i]) !== undefined);
  const [found, wanted] = [actual[index]?.notification, expected[index]?.notification];
  if (found?.kind !== 'N' || wanted?.kind !== 'N') return undefined;
  const path = firstDifference(found.value, wanted.value);
  if (path === undefined || path === '' || typeof found.value !== 'object') return undefined;
  const values = [valueAt(wanted.value, path), valueAt(found.value, path)].map(describeValue);
  return `value ${index + 1} differs at ${path}: expected ${values[0]}, received ${values[1]}`;
}

/** Follows a path of plain fields; what else is in a path (a map's key, a byte) is looked up no further. */
function valueAt(value: unknown, path: string): unknown {
  let found = value;
  for (const [, field, index] of path.matchAll(/\.(\w+)(?!\w*\()|\[(\d+)\]/g)) {
    if (typeof found !== 'object' || found === null) return found;
    found = Reflect.get(found, field ?? index ?? '');
  }
  return found;
}

function hasEnded(notifications: readonly TimedNotification[]): boolean {
  return notifications.some(({ notification }) => notification.kind !== 'N');
}
