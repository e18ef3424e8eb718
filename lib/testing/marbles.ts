import type { Observable } from 'rxjs';
import { type RunHelpers, TestScheduler } from 'rxjs/testing';
import { checkFunction } from '../error/check-function.js';
import { assertMarbles } from './assert-marbles.js';
import { LetterTable } from './letter-table.js';

/** What the body of a marble test is given: all of RxJS's helpers, and the scheduler whose time is virtual. */
export interface MarbleHelpers extends RunHelpers {
  /** For code that asks for a scheduler, such as `trainingSession({ scheduler })`. */
  readonly scheduler: TestScheduler;
}

/**
 * Makes a test out of a body that draws streams: a plain function for any test runner. In it a millisecond is one
 * character and passes at once.
 *
 * ```ts
 * test('fires at every second step', marbles(({ cold, expectObservable }) => {
 *   const steps = cold('  -1-2-3-4-|', stepEvents());
 *   const expected = '    ---2---4-|';
 *   expectObservable(everySteps(2)(steps)).toBe(expected, stepEvents());
 * }));
 * ```
 *
 * Values are compared by structure, events without the run behind them. A difference is shown as two lines of marbles
 * with a table of letters, those of the expectation where it has any.
 *
 * @returns a function that throws a MarbleMismatchError if a stream is not as expected
 * @throws TypeError (from the returned function) if the body is asynchronous: promises do not run in virtual time
 */
export function marbles(body: (helpers: MarbleHelpers) => void): () => void {
  checkFunction('marbles(body)', body);
  return () => {
    const letters = new LetterTable();
    const scheduler = new TestScheduler((actual, expected) => assertMarbles(actual, expected, letters));
    scheduler.run((helpers) => {
      const result: unknown = body({
        ...helpers,
        scheduler,
        expectObservable: withLetters(helpers.expectObservable, letters),
      });
      if (typeof result === 'object' && result !== null && 'then' in result) {
        throw new TypeError('marbles(body): expected a synchronous function, received an asynchronous one');
      }
    });
  };
}

/** Draws values by the letters under which they are expected. */
function withLetters(
  expectObservable: RunHelpers['expectObservable'],
  letters: LetterTable,
): RunHelpers['expectObservable'] {
  return <T>(observable: Observable<T>, subscriptionMarbles: string | null = null) => {
    const expectation = expectObservable(observable, subscriptionMarbles);
    return {
      toBe(expected: string, values?: unknown, errorValue?: unknown): void {
        for (const [letter, value] of Object.entries(values ?? {})) letters.prefer(letter, value);
        expectation.toBe(expected, values, errorValue);
      },
      toEqual: (other: Observable<T>): void => expectation.toEqual(other),
    };
  };
}
