import type { ObservableInput } from 'rxjs';

/**
 * Whether a result is still to come: a promise or an observable. Arrays and other iterables are results themselves,
 * though RxJS could read them as streams.
 */
export function isPending<T>(value: T | ObservableInput<T>): value is ObservableInput<T> {
  if (typeof value !== 'object' || value === null) return false;
  return (
    typeof (value as { then?: unknown }).then === 'function' ||
    typeof (value as { subscribe?: unknown }).subscribe === 'function'
  );
}
