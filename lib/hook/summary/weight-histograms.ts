import { from, map } from 'rxjs';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import type { Checkpointable } from '../../session/checkpointable.js';
import { isPending } from '../../session/is-pending.js';
import { checkHistogramOptions, histogramsOf, type TensorHistogramsOptions } from './histograms-of.js';
import type { SummarySource } from './summary-source.js';

export interface WeightHistogramsOptions extends TensorHistogramsOptions {
  /** The part of the state whose tensors are drawn. @default 'model' */
  readonly part?: string | undefined;
  /** What the tags begin with. @default 'weights' */
  readonly prefix?: string | undefined;
}

const OPTIONS: OptionNames<WeightHistogramsOptions> = {
  buckets: true,
  bucketCount: true,
  include: true,
  part: true,
  prefix: true,
};

/**
 * Draws the tensors of a part of the state as histograms, as they are after the step: `weights/dense/kernel`.
 *
 * @throws TypeError for wrong arguments; when the saver fires, if the state has no such part
 */
export function weightHistograms(options: WeightHistogramsOptions = {}): SummarySource {
  checkOptions('weightHistograms(options)', options, OPTIONS);
  const { part = 'model', prefix = 'weights' } = options;
  checkHistogramOptions('weightHistograms', options);
  return {
    values({ state }) {
      const found = partOf(state, part);
      if (found === undefined) throw new TypeError(`weightHistograms(part): the state has no part "${part}"`);
      const captured = found.capture();
      if (isPending(captured)) return from(captured).pipe(map(({ tensors }) => histogramsOf(prefix, tensors, options)));
      return histogramsOf(prefix, captured.tensors, options);
    },
  };
}

function partOf(state: unknown, part: string): Checkpointable | undefined {
  if (typeof state !== 'object' || state === null || !Object.hasOwn(state, part)) return undefined;
  const found: unknown = (state as Readonly<Record<string, unknown>>)[part];
  return typeof found === 'object' && found !== null && 'capture' in found ? (found as Checkpointable) : undefined;
}
