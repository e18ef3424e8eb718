import { type Tensor, tensorValues } from '../../index.js';

/** What the elements of a tensor are like. */
export interface TensorStatistics {
  /** Of the finite elements; all three are `undefined` if there is none. */
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly mean: number | undefined;
  readonly zeros: number;
  readonly nans: number;
  readonly infinities: number;
}

/** Describes the elements of a tensor of numbers; `undefined` for texts, truth values and complex numbers. */
export function tensorStatistics(tensor: Tensor): TensorStatistics | undefined {
  if (tensor.dtype === 'string' || tensor.dtype === 'bool' || tensor.dtype.startsWith('complex')) return undefined;
  let [min, max, sum, count, zeros, nans] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0, 0, 0];
  const values = tensorValues(tensor);
  for (const element of values) {
    const value = Number(element);
    if (Number.isNaN(value)) nans++;
    if (!Number.isFinite(value)) continue;
    if (value < min) min = value;
    if (value > max) max = value;
    if (value === 0) zeros++;
    sum += value;
    count++;
  }
  const infinities = values.length - count - nans;
  if (count === 0) return { min: undefined, max: undefined, mean: undefined, zeros, nans, infinities };
  return { min, max, mean: sum / count, zeros, nans, infinities };
}
