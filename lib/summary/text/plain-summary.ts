import type { SummaryValue } from '../../format/event/summary-value.js';
import { convertLegacy } from '../../format/event/view/convert-legacy.js';
import { elementCount, type Tensor } from '../../tensor/tensor.js';
import { tensorValues } from '../../tensor/tensor-values.js';

/** What a value is to programs that know nothing of TensorBoard. */
export type PlainSummary =
  | { readonly kind: 'scalar'; readonly value: number }
  | { readonly kind: 'text'; readonly texts: readonly string[] }
  /** Each bucket as left edge, right edge and count. */
  | { readonly kind: 'histogram'; readonly buckets: readonly (readonly number[])[] }
  | { readonly kind: 'other'; readonly plugin: string; readonly dtype: string; readonly shape: readonly number[] };

const NO_NUMBERS: ReadonlySet<string> = new Set(['string', 'complex64', 'complex128']);

/** Reads a summary value. */
export function plainSummary(value: SummaryValue): PlainSummary {
  const { tensor, metadata } = convertLegacy(value);
  const plugin = metadata?.pluginName ?? '';
  if (tensor === undefined) return { kind: 'other', plugin, dtype: '', shape: [] };
  const { dtype, shape } = tensor;
  if (tensor.dtype === 'string' && plugin === 'text') {
    return { kind: 'text', texts: tensor.values.map((text) => new TextDecoder().decode(text)) };
  }
  if (plugin === 'histograms' && shape.length === 2 && shape[1] === 3) {
    const numbers = numbersOf(tensor);
    const rows = Array.from({ length: shape[0] ?? 0 }, (_, i) => numbers.slice(i * 3, i * 3 + 3));
    return { kind: 'histogram', buckets: rows };
  }
  if (plugin === 'scalars' && !NO_NUMBERS.has(dtype) && elementCount(shape) === 1) {
    return { kind: 'scalar', value: numbersOf(tensor)[0] ?? Number.NaN };
  }
  return { kind: 'other', plugin, dtype, shape };
}

function numbersOf(tensor: Tensor): number[] {
  return tensor.dtype === 'string' ? [] : Array.from(tensorValues(tensor), Number);
}
