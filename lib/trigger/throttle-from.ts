import { filter, type MonoTypeOperatorFunction, type SchedulerLike, startWith, throttleTime } from 'rxjs';

const OPENING = Symbol('opening');

/**
 * Lets a value through, then none for so long, and so on. If `isClosed`, it begins with a time of none.
 *
 *     source                      a-b-c-d-e-f-|
 *     throttleFrom(false, 5)      a-----d-----|
 *     throttleFrom(true, 5)       ------d-----|
 */
export function throttleFrom<T>(
  isClosed: boolean,
  milliseconds: number,
  scheduler: SchedulerLike,
): MonoTypeOperatorFunction<T> {
  if (!isClosed) return throttleTime(milliseconds, scheduler);
  return (source) =>
    source.pipe(
      startWith<T | typeof OPENING>(OPENING),
      throttleTime(milliseconds, scheduler),
      filter((value): value is T => value !== OPENING),
    );
}
