import { dispose, keep, type Scalar, type Tensor as TfTensor, tidy, variableGrads } from '@tensorflow/tfjs-core';
import { checkFunction } from '../error/check-function.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
// Registers the gradients of all operations, which tfjs-core alone does not.
import '@tensorflow/tfjs-layers';
import type { Tensors } from '../tensor/tensor.js';
import type { OptimizerPart } from './optimizer-part.js';
import { readTensors } from './variable-tensors.js';

/** The fetch under which a step provides its gradients to whoever requests them. */
export const GRADIENTS = 'gradients';

/** What a step is computed from; a session's `StepContext` is one. */
export interface TrainContext<S, B> {
  readonly state: S;
  readonly batch: B;
  readonly requested?: ReadonlySet<string>;
  provide?(fetch: string, value: unknown): void;
}

/** What a step needs of the state besides what its loss does. */
export interface TrainedState {
  readonly optimizer: OptimizerPart;
}

/** Scalars by name: the loss, which is minimized, and what else is to be known of a step. */
export type Scalars = { readonly loss: Scalar } & Readonly<Record<string, Scalar>>;

/** Gradients by the stable names of the variables; a variable that the loss does not rest on has none. */
export type Gradients = ReadonlyMap<string, TfTensor>;

export interface TrainStepOptions<S, B, M extends Scalars> {
  /** Computes the loss of a batch. It runs within `tidy`, so what it makes is freed. */
  readonly forward: (state: S, batch: B) => M;
  /**
   * Changes the gradients before they are applied, for one to clip them. It runs within `tidy`; a gradient that it
   * leaves out is not applied, and if it leaves out all, there is no update.
   */
  readonly transformGradients?: ((gradients: Gradients, state: S) => Gradients) | undefined;
}

const OPTIONS: OptionNames<TrainStepOptions<never, never, never>> = { forward: true, transformGradients: true };

/**
 * Makes a synchronous training step: computes the loss and its gradients, lets the optimizer of the state apply them,
 * and returns the scalars as plain numbers. No tensor outlives a step.
 *
 * If the fetch {@link GRADIENTS} is requested, it provides the gradients as applied: a map of plain tensors by the
 * variables' names, which the step owns no more.
 *
 * @example
 * trainingSession({ scaffold, input, step: trainStep({ forward: classify }) });
 */
export function trainStep<S, B, M extends Scalars>(
  options: TrainStepOptions<S, B, M>,
): (context: TrainContext<S & TrainedState, B>) => { readonly [K in keyof M]: number } {
  checkOptions('trainStep(options)', options, OPTIONS);
  checkFunction('trainStep(forward)', options?.forward);
  const { forward, transformGradients } = options;
  return (context) => {
    const { state, batch } = context;
    const trained = state.optimizer.trained;
    const kept: TfTensor[] = [];
    try {
      return tidy(() => {
        const { scalars, gradients: computed } = computeGradients(() => forward(state, batch), trained, kept);
        const gradients = transformGradients?.(computed, state) ?? computed;
        // Without any gradient there is no update, which would count as one: Adam's running products would go on.
        if (gradients.size > 0) {
          state.optimizer.optimizer.applyGradients(
            [...trained].map(([name, { name: variable }]) => namedTensor(variable, gradients.get(name))),
          );
        }
        if (context.requested?.has(GRADIENTS) === true) context.provide?.(GRADIENTS, copyOf(gradients));
        return readScalars(scalars);
      });
    } finally {
      dispose(kept);
    }
  };
}

/** @param kept takes the scalars, which would be freed when `variableGrads` ends */
function computeGradients<M extends Scalars>(
  forward: () => M,
  trained: OptimizerPart['trained'],
  kept: TfTensor[],
): { readonly scalars: M; readonly gradients: Gradients } {
  let scalars: M | undefined;
  const { grads } = variableGrads(() => {
    scalars = forward();
    for (const scalar of Object.values(scalars)) kept.push(keep(scalar));
    return scalars.loss;
  }, [...trained.values()]);
  if (scalars === undefined) throw new TypeError('trainStep(forward): expected scalars, received none');
  const gradients = new Map<string, TfTensor>();
  for (const [name, { name: variable }] of trained) {
    const gradient = grads[variable];
    if (gradient != null) gradients.set(name, gradient);
  }
  return { scalars, gradients };
}

/** An optimizer skips an entry without a tensor, as `minimize` gives it one for a variable that has no gradient. */
function namedTensor(name: string, tensor: TfTensor | undefined): { name: string; tensor: TfTensor } {
  return { name, tensor: tensor as TfTensor };
}

function readScalars<M extends Scalars>(scalars: M): { readonly [K in keyof M]: number } {
  const numbers: Partial<Record<keyof M, number>> = {};
  for (const name of Object.keys(scalars) as (keyof M)[]) {
    numbers[name] = scalars[name]?.dataSync()[0] ?? Number.NaN;
  }
  return numbers as { readonly [K in keyof M]: number };
}

function copyOf(gradients: Gradients): Tensors {
  const copies = new Map();
  for (const [name, tensor] of readTensors(gradients)) {
    if ('bytes' in tensor) copies.set(name, { dtype: tensor.dtype, shape: tensor.shape, bytes: tensor.bytes.slice() });
  }
  return copies;
}
