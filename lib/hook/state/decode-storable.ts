import type { Json } from '../../tensor/json.js';
import type { PartState } from '../../tensor/part-state.js';
import type { FixedTensor, Tensors } from '../../tensor/tensor.js';
import { ARRAYS, type NumberArray } from './storable.js';

/**
 * Puts together what `encodeStorable` took apart. Arrays are copies.
 *
 * @throws TypeError saying what is wrong, if it is nothing that `encodeStorable` makes
 */
export function decodeStorable({ json, tensors }: PartState): unknown {
  if (json === undefined) throw new TypeError('it has no JSON');
  return decode(json, tensors);
}

const NUMBERS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
]);

function decode(json: Json, tensors: Tensors): unknown {
  if (typeof json !== 'object' || json === null) return json;
  if (isList(json)) return json.map((item) => decode(item, tensors));
  const entries = Object.entries(json);
  const [[marker, content] = [], ...others] = entries;
  if (marker === undefined || content === undefined || !marker.startsWith('$')) {
    return Object.fromEntries(entries.map(([name, field]) => [name, decode(field, tensors)]));
  }
  if (others.length > 0) throw new TypeError(`${marker} does not stand alone`);
  if (marker === '$number') return NUMBERS.get(content) ?? unknown(marker, content);
  if (marker === '$array') return decodeArray(content, tensors);
  if (marker === '$tensor') return decodeTensor(content, tensors);
  if (marker === '$map' && isList(content)) {
    return new Map(
      content.map((entry) => {
        if (!isList(entry) || entry.length !== 2) return unknown(marker, entry);
        const [name, item] = entry;
        return [typeof name === 'string' ? name : unknown(marker, entry), decode(item ?? null, tensors)];
      }),
    );
  }
  return unknown(marker, content);
}

/** Copies, for what a checkpoint gives is valid only for the moment. */
function decodeTensor(name: Json, tensors: Tensors): FixedTensor {
  const tensor = typeof name === 'string' ? tensors.get(name) : undefined;
  if (tensor === undefined) throw new TypeError(`tensor ${JSON.stringify(name)} is missing`);
  if (tensor.dtype === 'string') throw new TypeError(`tensor ${JSON.stringify(name)} is of dtype string`);
  // Not `slice()`: on a Node Buffer that is a view.
  return { dtype: tensor.dtype, shape: [...tensor.shape], bytes: new Uint8Array(tensor.bytes) };
}

function decodeArray(name: Json, tensors: Tensors): NumberArray {
  const { dtype, bytes } = decodeTensor(name, tensors);
  const ArrayClass = ARRAYS.get(dtype);
  if (ArrayClass === undefined) throw new TypeError(`tensor ${JSON.stringify(name)} is of dtype ${dtype}`);
  return new ArrayClass(bytes.buffer as ArrayBuffer);
}

function isList(json: Json): json is readonly Json[] {
  return Array.isArray(json);
}

function unknown(marker: string, content: Json): never {
  throw new TypeError(`${marker} holds ${JSON.stringify(content)}`);
}
