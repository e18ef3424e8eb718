import { RunNotRepeatableError } from '../../error/run-not-repeatable-error.js';
import { compareRecords } from './compare-records.js';
import type { RunSteps } from './run-record.js';

/**
 * Compares a run that was resumed after a cut with the straight one, from where it started.
 *
 * @param isWhole whether it must have taken every step to the end; one that was cut itself need not
 * @returns where the resumed run started
 * @throws RunNotRepeatableError naming the first difference
 */
export function compareRuns(cut: number, resumed: RunSteps, straight: RunSteps, isWhole = true): number {
  const { startedAt, start } = resumed;
  if (startedAt === undefined || start === undefined) {
    throw new RunNotRepeatableError(cut, 0, 'session', undefined, 'the resumed run created no session');
  }
  const expectedStart = startedAt === straight.startedAt ? straight.start : straight.steps.get(startedAt);
  if (expectedStart === undefined) {
    throw new RunNotRepeatableError(cut, startedAt, 'start', undefined, 'the straight run was never at this step');
  }
  const { outputs, events } = expectedStart;
  compareRecords(cut, startedAt, { ...start, outputs, events }, expectedStart);
  const last = isWhole ? Number.POSITIVE_INFINITY : Math.max(startedAt, ...resumed.steps.keys());
  for (const [globalStep, expected] of straight.steps) {
    if (globalStep <= startedAt || globalStep > last) continue;
    // A run that was cut may have died before the recovery after which the straight one took this step again.
    if (!isWhole && straight.retaken.has(globalStep)) continue;
    const received = resumed.steps.get(globalStep);
    if (received === undefined) {
      throw new RunNotRepeatableError(cut, globalStep, 'step', undefined, 'the resumed run did not take it');
    }
    compareRecords(cut, globalStep, received, expected);
  }
  return startedAt;
}
