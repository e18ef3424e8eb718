/** Numbers of any kind: a typed array (one of 64-bit integers too), an array, or anything that can be iterated. */
export type NumberList = ArrayLike<number> | BigInt64Array | BigUint64Array | Iterable<number | bigint>;

/**
 * `values` as something with an index and numbers only; a copy only where it has to be.
 *
 * @param place for the error text, e.g. `equalWidthHistogram(values)`
 * @throws TypeError if `values` is no list, or something in an iterable is no number
 */
export function indexedNumbers(place: string, values: NumberList): ArrayLike<number> {
  if (typeof values !== 'object' || values === null) {
    throw new TypeError(`${place}: expected numbers, received ${values === null ? 'null' : typeof values}`);
  }
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return Float64Array.from(values, Number);
  if (ArrayBuffer.isView(values) && !(values instanceof DataView)) return values as unknown as ArrayLike<number>;
  if (Symbol.iterator in values) {
    return Float64Array.from(values, (value: unknown) => {
      if (typeof value === 'number') return value;
      if (typeof value === 'bigint') return Number(value);
      throw new TypeError(`${place}: expected numbers, received a ${typeof value}`);
    });
  }
  if ('length' in values && typeof values.length === 'number') return values;
  throw new TypeError(`${place}: expected numbers, received an object without an iterator or a length`);
}
