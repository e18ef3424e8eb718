// What these hold cannot be seen from outside, so each equals only itself.
const OPAQUE = [Promise, WeakMap, WeakSet, WeakRef] as const;

/**
 * Where two values first differ, as a path such as `.outputs.loss`, or `undefined` if they are equal in structure. The
 * path is empty if the values themselves differ.
 *
 * Equal are: the same primitives (`NaN` equals itself, 0 equals -0); objects of one class whose enumerable fields are
 * equal, which leaves out private ones and those under symbols, so events are compared without the run behind them;
 * typed arrays and buffers of equal bytes; maps and sets in any order; errors of equal name, message, cause and fields. Cycles may be.
 */
export function firstDifference(actual: unknown, expected: unknown): string | undefined {
  return new Comparison().differenceOf(actual, expected, '');
}

class Comparison {
  /** The pairs that are being compared further up, or were found equal: for them there is nothing to do. */
  readonly #seen = new Map<object, Set<object>>();

  differenceOf(actual: unknown, expected: unknown, path: string): string | undefined {
    if (actual === expected || Object.is(actual, expected)) return undefined;
    if (typeof actual !== 'object' || typeof expected !== 'object' || actual === null || expected === null) return path;
    if (Object.getPrototypeOf(actual) !== Object.getPrototypeOf(expected)) return path;
    if (OPAQUE.some((type) => actual instanceof type)) return path;

    let partners = this.#seen.get(actual);
    if (partners === undefined) this.#seen.set(actual, (partners = new Set()));
    if (partners.has(expected)) return undefined;
    partners.add(expected);
    const difference = this.#special(actual, expected, path) ?? this.#fields(actual, expected, path);
    // Only what is equal, or still open, may be passed over when it comes again.
    if (difference !== undefined) partners.delete(expected);
    return difference;
  }

  /** Compares what objects of some classes hold besides their fields. */
  #special(actual: object, expected: object, path: string): string | undefined {
    const bytes = bytesOf(actual);
    if (bytes !== undefined) return differenceOfBytes(bytes, bytesOf(expected) as Uint8Array, path);
    if (actual instanceof Map) return this.#maps(actual, expected as Map<unknown, unknown>, path);
    if (actual instanceof Set) return this.#sets(actual, expected as Set<unknown>, path);
    if (actual instanceof Error) return this.#errors(actual, expected as Error, path);
    if (Array.isArray(actual)) return actual.length === (expected as unknown[]).length ? undefined : `${path}.length`;
    if (actual instanceof Date) return Object.is(actual.getTime(), (expected as Date).getTime()) ? undefined : path;
    if (actual instanceof RegExp || actual instanceof URL) return `${actual}` === `${expected}` ? undefined : path;
    return undefined;
  }

  #fields(actual: object, expected: object, path: string): string | undefined {
    // The bytes were compared; a million indices need not be gone through as well.
    if (ArrayBuffer.isView(actual)) return undefined;
    const keys = fieldsOf(actual);
    for (const key of fieldsOf(expected)) {
      if (!Object.hasOwn(actual, key)) return path + step(key);
    }
    for (const key of keys) {
      if (!Object.hasOwn(expected, key)) return path + step(key);
      const difference = this.differenceOf(Reflect.get(actual, key), Reflect.get(expected, key), path + step(key));
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  #maps(actual: Map<unknown, unknown>, expected: Map<unknown, unknown>, path: string): string | undefined {
    if (actual.size !== expected.size) return `${path}.size`;
    const partners = new Set<unknown>();
    for (const [key, value] of actual) {
      const partner = expected.has(key) ? key : this.#partnerOf(key, expected.keys(), partners);
      if (partner === undefined && !expected.has(key)) return `${path}.get(${String(key)})`;
      partners.add(partner);
      const difference = this.differenceOf(value, expected.get(partner), `${path}.get(${String(key)})`);
      if (difference !== undefined) return difference;
    }
    return undefined;
  }

  #sets(actual: Set<unknown>, expected: Set<unknown>, path: string): string | undefined {
    if (actual.size !== expected.size) return `${path}.size`;
    const partners = new Set<unknown>();
    for (const value of actual) {
      const partner = expected.has(value) ? value : this.#partnerOf(value, expected, partners);
      if (partner === undefined && !expected.has(value)) return path;
      partners.add(partner);
    }
    return undefined;
  }

  #partnerOf(value: unknown, candidates: Iterable<unknown>, taken: ReadonlySet<unknown>): unknown {
    if (typeof value !== 'object') return undefined;
    for (const candidate of candidates) {
      if (!taken.has(candidate) && this.differenceOf(value, candidate, '') === undefined) return candidate;
    }
    return undefined;
  }

  #errors(actual: Error, expected: Error, path: string): string | undefined {
    if (actual.name !== expected.name) return `${path}.name`;
    if (actual.message !== expected.message) return `${path}.message`;
    return this.differenceOf(actual.cause, expected.cause, `${path}.cause`);
  }
}

function bytesOf(value: object): Uint8Array | undefined {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return new Uint8Array(value);
  return undefined;
}

function differenceOfBytes(actual: Uint8Array, expected: Uint8Array, path: string): string | undefined {
  if (actual.length !== expected.length) return `${path}.byteLength`;
  const at = actual.findIndex((byte, i) => byte !== expected[i]);
  return at < 0 ? undefined : `${path} (byte ${at})`;
}

/** Its enumerable fields; of an instance, what stands under a symbol is the business of its class. */
function fieldsOf(value: object): readonly (string | symbol)[] {
  const prototype: unknown = Object.getPrototypeOf(value);
  const isPlain = prototype === Object.prototype || prototype === null;
  const keys = isPlain ? Reflect.ownKeys(value) : Object.keys(value);
  return keys.filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
}

function step(key: string | symbol): string {
  if (typeof key === 'symbol') return `[${String(key)}]`;
  return /^\d+$/.test(key) ? `[${key}]` : `.${key}`;
}
