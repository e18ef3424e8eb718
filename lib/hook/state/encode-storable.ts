// How the state of a hook lies in a checkpoint. JSON holds its structure; what JSON cannot hold stands in it as an
// object with one key that begins with `$`:
//
//     {"$number":"NaN"}             also Infinity, -Infinity, -0
//     {"$array":"best/weights"}     an array of numbers, saved as the tensor of that name, of one dimension
//     {"$tensor":"best/weights"}    { dtype, shape, bytes }, saved as the tensor of that name
//     {"$map":[["a",1],["b",2]]}    a Map with names for keys

import type { Json } from '../../tensor/json.js';
import { makeTensor } from '../../tensor/make-tensor.js';
import type { PartState } from '../../tensor/part-state.js';
import type { Tensor } from '../../tensor/tensor.js';
import { dtypeOfArray, isFixedTensor, isPlainObject, type NumberArray } from './storable.js';

/**
 * Takes the state of a hook apart into tensors and JSON. The tensors are views of its arrays; the JSON is a copy.
 *
 * @param key the hook's, for messages
 * @throws TypeError naming the place of a value that cannot be saved
 */
export function encodeStorable(key: string, value: unknown): PartState {
  const tensors = new Map<string, Tensor>();
  return { json: encode(value, { key, tensors, above: [] }, []), tensors };
}

interface Encoding {
  readonly key: string;
  readonly tensors: Map<string, Tensor>;
  readonly above: readonly unknown[];
}

function encode(value: unknown, encoding: Encoding, path: readonly string[]): Json {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return encodeNumber(value);
  if (typeof value === 'object' && !encoding.above.includes(value)) {
    const inside = { ...encoding, above: [...encoding.above, value] };
    const dtype = dtypeOfArray(value);
    if (dtype !== undefined) {
      const array = value as NumberArray;
      const name = freeName(encoding.tensors, path);
      encoding.tensors.set(name, makeTensor(dtype, [array.length], array));
      return { $array: name };
    }
    if (Array.isArray(value)) return Array.from(value, (item, i) => encode(item, inside, [...path, `${i}`]));
    if (value instanceof Map) {
      return {
        $map: [...value].map(([name, item]) => [nameOf(name, encoding, path), encode(item, inside, [...path, name])]),
      };
    }
    if (isFixedTensor(value)) {
      const name = freeName(encoding.tensors, path);
      encoding.tensors.set(name, value);
      return { $tensor: name };
    }
    if (isPlainObject(value)) return encodeRecord(value, inside, path);
  }
  return unfit(encoding, path, value);
}

function encodeRecord(record: Readonly<Record<string, unknown>>, encoding: Encoding, path: readonly string[]): Json {
  const fields: [string, Json][] = [];
  for (const [name, field] of Object.entries(record)) {
    if (name.startsWith('$')) return unfit(encoding, [...path, name], 'a key with $');
    // A field that is undefined is one that is not there, before and after.
    if (field !== undefined) fields.push([name, encode(field, encoding, [...path, name])]);
  }
  return Object.fromEntries(fields);
}

function encodeNumber(value: number): Json {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value;
  return { $number: Object.is(value, -0) ? '-0' : `${value}` };
}

function nameOf(name: unknown, encoding: Encoding, path: readonly string[]): string {
  return typeof name === 'string' ? name : unfit(encoding, path, name);
}

/** Names of tensors are for people, too: the path, made different where two paths look alike. */
function freeName(tensors: ReadonlyMap<string, Tensor>, path: readonly string[]): string {
  const base = path.length === 0 ? 'value' : path.map((part) => (part === '' ? '_' : part)).join('/');
  let name = base;
  for (let i = 2; tensors.has(name); i++) name = `${base}~${i}`;
  return name;
}

function unfit({ key, above }: Encoding, path: readonly string[], value: unknown): never {
  const place = path.length === 0 ? '' : ` at ${path.join('.')}`;
  let found = typeof value === 'string' ? value : `a ${typeof value}`;
  if (value === undefined) found = 'undefined';
  if (typeof value === 'object' && value !== null) {
    found = above.includes(value) ? 'a reference to what holds it' : `a ${value.constructor?.name ?? 'class instance'}`;
  }
  throw new TypeError(
    `state of hook "${key}"${place}: expected JSON values, arrays of numbers such as Float32Array, and maps, received ${found}`,
  );
}
