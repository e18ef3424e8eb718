import { type FixedTensor, type StringTensor, type Tensor, type Tensors, tensorValues } from '../../index.js';

/** How a tensor of two checkpoints compares. */
export interface TensorDifference {
  readonly name: string;
  readonly verdict: 'equal' | 'onlyInA' | 'onlyInB' | 'type' | 'values';
  /** For people. */
  readonly text: string;
  /** Elements that differ in a bit. */
  readonly changed?: number | undefined;
  readonly elements?: number | undefined;
  /** Of finite elements; `undefined` for what are not numbers. */
  readonly maxAbs?: number | undefined;
  /** The most representable numbers between two elements; for float32 and float64. */
  readonly maxUlp?: number | undefined;
}

/** Compares tensors by name, bit for bit; in the order of their names. */
export function compareTensors(a: Tensors, b: Tensors): readonly TensorDifference[] {
  const names = [...new Set([...a.keys(), ...b.keys()])].sort();
  return names.map((name) => compareTensor(name, a.get(name), b.get(name)));
}

/** Compares two tensors of one name, of which one may be missing. */
export function compareTensor(name: string, a: Tensor | undefined, b: Tensor | undefined): TensorDifference {
  if (a === undefined || b === undefined) {
    const there = a ?? b;
    const [verdict, where] = a === undefined ? (['onlyInB', 'second'] as const) : (['onlyInA', 'first'] as const);
    return { name, verdict, text: `only in the ${where}${there === undefined ? '' : ` (${typeOf(there)})`}` };
  }
  if (a.dtype !== b.dtype || typeOf(a) !== typeOf(b)) {
    return { name, verdict: 'type', text: `${typeOf(a)} and ${typeOf(b)}` };
  }
  if (isStrings(a) || isStrings(b))
    return isStrings(a) && isStrings(b) ? compareStrings(name, a, b) : typeMismatch(name);
  return compareNumbers(name, a, b);
}

const typeMismatch = (name: string): TensorDifference => ({ name, verdict: 'type', text: 'of different types' });

const isStrings = (tensor: Tensor): tensor is StringTensor => tensor.dtype === 'string';

function typeOf({ dtype, shape }: Tensor): string {
  return `${dtype} ${shape.length === 0 ? 'scalar' : shape.join('×')}`;
}

function compareStrings(name: string, a: StringTensor, b: StringTensor): TensorDifference {
  const elements = a.values.length;
  const changed = a.values.filter((value, i) => Buffer.compare(value, b.values[i] ?? new Uint8Array()) !== 0).length;
  if (changed === 0) return { name, verdict: 'equal', text: 'equal', changed, elements };
  return { name, verdict: 'values', text: `${changed} of ${elements} texts differ`, changed, elements };
}

function compareNumbers(name: string, a: FixedTensor, b: FixedTensor): TensorDifference {
  const [aBytes, bBytes] = [a.bytes, b.bytes];
  const values = tensorValues(a);
  const elements = values.length;
  if (Buffer.compare(aBytes, bBytes) === 0) return { name, verdict: 'equal', text: 'equal', changed: 0, elements };

  const others = tensorValues(b);
  const size = aBytes.length / Math.max(1, elements);
  const ulpBits = a.dtype === 'float32' ? bits32 : a.dtype === 'float64' ? bits64 : undefined;
  let [changed, maxAbs, maxUlp] = [0, 0, 0];
  for (let i = 0; i < elements; i++) {
    if (sameBytes(aBytes, bBytes, i * size, size)) continue;
    changed++;
    const [x, y] = [Number(values[i]), Number(others[i])];
    const distance = Math.abs(x - y);
    if (Number.isFinite(distance)) maxAbs = Math.max(maxAbs, distance);
    if (ulpBits !== undefined && Number.isFinite(distance)) {
      const ulp = ulpBits(x) - ulpBits(y);
      maxUlp = Math.max(maxUlp, Number(ulp < 0n ? -ulp : ulp));
    }
  }
  const ulp = ulpBits === undefined ? {} : { maxUlp };
  const shownUlp = ulpBits === undefined ? '' : `, ${maxUlp} ulp`;
  const text = `${changed} of ${elements} differ, by at most ${Number(maxAbs.toPrecision(4))}${shownUlp}`;
  return { name, verdict: 'values', text, changed, elements, maxAbs, ...ulp };
}

function sameBytes(a: Uint8Array, b: Uint8Array, from: number, length: number): boolean {
  for (let i = from; i < from + length; i++) if (a[i] !== b[i]) return false;
  return true;
}

const scratch = new DataView(new ArrayBuffer(8));

/** Numbers in their order, counted: neighbours differ by one, and both zeros are 0. */
function bits32(value: number): bigint {
  scratch.setFloat32(0, value);
  const bits = BigInt(scratch.getUint32(0));
  return bits >> 31n === 0n ? bits : -(bits & 0x7fffffffn);
}

function bits64(value: number): bigint {
  scratch.setFloat64(0, value);
  const bits = scratch.getBigUint64(0);
  return bits >> 63n === 0n ? bits : -(bits & 0x7fffffffffffffffn);
}
