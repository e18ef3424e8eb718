import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import type { GradientAccumulator } from './gradient-accumulator.js';
import { type Scalars, type TrainContext, type TrainedState, type TrainStepOptions, trainStep } from './train-step.js';

/** A state whose updates are of several batches. */
export interface AccumulatedState extends TrainedState {
  readonly accumulator: GradientAccumulator;
}

export interface AccumulatingStepOptions<S, B, M extends Scalars> extends TrainStepOptions<S, B, M> {
  /**
   * What the global step counts: batches, or updates, so that the batches of an update share a global step.
   *
   * @default 'batches'
   */
  readonly counts?: 'batches' | 'updates' | undefined;
}

const OPTIONS: OptionNames<AccumulatingStepOptions<never, never, never>> = {
  forward: true,
  transformGradients: true,
  counts: true,
};

/** What a session's `StepContext` offers besides. */
interface AdvancingContext<S, B> extends TrainContext<S, B> {
  advanceBy?(steps: number): void;
}

const COUNTS: readonly unknown[] = ['batches', 'updates'];

/**
 * Makes a training step as {@link trainStep} does, which applies the mean gradients of several batches at the last of
 * them. `transformGradients` is given that mean, so that a clipped update is one of the whole.
 *
 * @example
 * const state = { model, optimizer, accumulator: gradientAccumulator(optimizer, { batches: 4 }) };
 * trainingSession({ …, step: accumulatingStep({ forward: classify }) });
 */
export function accumulatingStep<S, B, M extends Scalars>(
  options: AccumulatingStepOptions<S, B, M>,
): (context: AdvancingContext<S & AccumulatedState, B>) => {
  readonly [K in keyof M]: number;
} {
  checkOptions('accumulatingStep(options)', options, OPTIONS);
  const { forward, transformGradients, counts = 'batches' } = options;
  if (!COUNTS.includes(counts)) {
    throw new RangeError(
      `accumulatingStep(counts): expected 'batches' or 'updates', received ${describeReceived(counts)}`,
    );
  }
  const step = trainStep<S & AccumulatedState, B, M>({
    forward,
    transformGradients: (gradients, state) => {
      const mean = state.accumulator.add(gradients);
      return mean.size === 0 ? mean : (transformGradients?.(mean, state) ?? mean);
    },
  });
  return (context) => {
    const outputs = step(context);
    if (counts === 'updates' && context.state.accumulator.count > 0) context.advanceBy?.(0);
    return outputs;
  };
}
