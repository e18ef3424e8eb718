import type { Observable } from 'rxjs';

/**
 * What a store that acts at once answers.
 *
 * @throws what it fails with, or an error if it has not answered once and completed when `subscribe` returns
 */
export function answerOf<T>(answer: Observable<T>): T {
  const values: T[] = [];
  let failure: { readonly error: unknown } | undefined;
  let isComplete = false;
  answer.subscribe({
    next: (value) => values.push(value),
    error: (error: unknown) => {
      failure = { error };
    },
    complete: () => {
      isComplete = true;
    },
  });
  if (failure !== undefined) throw failure.error;
  if (values.length !== 1 || !isComplete) throw new Error(`the store emitted ${values.length} answers at once`);
  return values[0] as T;
}
