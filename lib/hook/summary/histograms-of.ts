import { checkFunction } from '../../error/check-function.js';
import type { SummaryValue } from '../../format/event/summary-value.js';
import { type HistogramValueOptions, histogramValue } from '../../format/event/value/histogram-value.js';
import type { Tensors } from '../../tensor/tensor.js';
import { tensorValues } from '../../tensor/tensor-values.js';

export interface TensorHistogramsOptions extends Pick<HistogramValueOptions, 'buckets' | 'bucketCount'> {
  /** Which tensors, by name. @default all */
  readonly include?: ((name: string) => boolean) | undefined;
}

const NO_NUMBERS: ReadonlySet<string> = new Set(['string', 'bool', 'complex64', 'complex128']);

/** Histograms of the tensors that hold numbers, each under `<prefix>/<name>`. NaN and infinities are left out. */
export function histogramsOf(prefix: string, tensors: Tensors, options: TensorHistogramsOptions): SummaryValue[] {
  const { include = () => true, buckets, bucketCount } = options;
  const values: SummaryValue[] = [];
  for (const [name, tensor] of tensors) {
    if (tensor.dtype === 'string' || NO_NUMBERS.has(tensor.dtype) || !include(name)) continue;
    values.push(histogramValue(`${prefix}/${name}`, tensorValues(tensor), { buckets, bucketCount }));
  }
  return values;
}

/** Throws a TypeError for options that are none. */
export function checkHistogramOptions(place: string, { include }: TensorHistogramsOptions): void {
  if (include !== undefined) checkFunction(`${place}(include)`, include);
}
