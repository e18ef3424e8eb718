import { firstValueFrom, type Observable } from 'rxjs';

/** The only value; an error if there are more or fewer. */
export async function one<T>(answer: Observable<T>): Promise<T> {
  const values: T[] = [];
  await new Promise<void>((complete, error) =>
    answer.subscribe({ next: (value) => values.push(value), error, complete }),
  );
  same(values.length, 1, 'answers');
  return values[0] as T;
}

export async function errorOf(answer: Observable<unknown>): Promise<unknown> {
  return firstValueFrom(answer).then(
    (value) => {
      throw new Error(`expected a failure, received ${JSON.stringify(value)}`);
    },
    (error: unknown) => error,
  );
}

export async function fails(answer: Observable<unknown>, code: string): Promise<void> {
  const error = await errorOf(answer);
  const received = error instanceof Error && 'code' in error ? error.code : error;
  if (received !== code) throw new Error(`expected an error ${code}, received ${String(received)}`, { cause: error });
}

/** Values, lists and bytes, by content. */
export function same(actual: unknown, expected: unknown, what: string): void {
  const isSame =
    actual instanceof Uint8Array && expected instanceof Uint8Array
      ? actual.length === expected.length && actual.every((byte, at) => byte === expected[at])
      : Array.isArray(actual) && Array.isArray(expected)
        ? actual.length === expected.length && actual.every((value, at) => value === expected[at])
        : actual === expected;
  if (!isSame) throw new Error(`${what}: expected ${show(expected)}, received ${show(actual)}`);
}

function show(value: unknown): string {
  if (value instanceof Uint8Array) return `${value.length} bytes [${value.subarray(0, 16).join(' ')}]`;
  return value instanceof Error ? String(value) : (JSON.stringify(value) ?? String(value));
}
