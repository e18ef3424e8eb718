import type { Optimizer } from '@tensorflow/tfjs-core';
import { UnsupportedOptimizerError } from '../error/unsupported-optimizer-error.js';

/** A field of an optimizer that holds a tensor, and the name under which a checkpoint has it. */
export interface OptimizerField {
  readonly name: string;
  readonly field: string;
}

/** Where an optimizer of TensorFlow.js keeps its state. */
export interface OptimizerLayout {
  /** Lists with one variable for each trained variable, made at the first step. */
  readonly slots: readonly OptimizerField[];
  /** Running products and counters that are variables. */
  readonly scalars: readonly OptimizerField[];
}

/**
 * All optimizers of tfjs-core 4.22.0, by class name. The fields are private there: {@link layoutOf} checks that they
 * are what is expected. Names of slots are those that TensorFlow.js gives them.
 */
const LAYOUTS: Readonly<Record<string, OptimizerLayout>> = {
  SGD: { slots: [], scalars: [] },
  Momentum: { slots: [{ name: 'momentum', field: 'accumulations' }], scalars: [] },
  Adagrad: { slots: [{ name: 'accumulator', field: 'accumulatedGrads' }], scalars: [] },
  Adadelta: {
    slots: [
      { name: 'accum_grad', field: 'accumulatedGrads' },
      { name: 'accum_var', field: 'accumulatedUpdates' },
    ],
    scalars: [],
  },
  Adam: {
    slots: [
      { name: 'm', field: 'accumulatedFirstMoment' },
      { name: 'v', field: 'accumulatedSecondMoment' },
    ],
    // Not powers of beta: products of the float32 rounding of each step, which no power gives back.
    scalars: [
      { name: 'beta1_power', field: 'accBeta1' },
      { name: 'beta2_power', field: 'accBeta2' },
    ],
  },
  Adamax: {
    slots: [
      { name: 'm', field: 'accumulatedFirstMoment' },
      { name: 'v', field: 'accumulatedWeightedInfNorm' },
    ],
    scalars: [
      { name: 'beta1_power', field: 'accBeta1' },
      { name: 'iteration', field: 'iteration' },
    ],
  },
  RMSProp: {
    slots: [
      { name: 'rms', field: 'accumulatedMeanSquares' },
      { name: 'momentum', field: 'accumulatedMoments' },
      { name: 'mg', field: 'accumulatedMeanGrads' },
    ],
    scalars: [],
  },
};

/**
 * Where `optimizer` keeps its state.
 *
 * @throws UnsupportedOptimizerError for a class that is none of TensorFlow.js's, or if fields are not where version
 * 4.22 has them
 */
export function layoutOf(optimizer: Optimizer): OptimizerLayout {
  const className = optimizer.getClassName();
  const layout = Object.hasOwn(LAYOUTS, className) ? LAYOUTS[className] : undefined;
  if (layout === undefined) {
    throw new UnsupportedOptimizerError(className, `is none of ${Object.keys(LAYOUTS).join(', ')}`, {
      hint: 'write a part of your own with capture() and restore(), for which variablesPart() helps',
    });
  }
  for (const { field } of layout.slots) {
    if (!Array.isArray(Reflect.get(optimizer, field))) throw changed(className, field, 'a list');
  }
  for (const { field } of layout.scalars) {
    if (!isVariable(Reflect.get(optimizer, field))) throw changed(className, field, 'a variable');
  }
  if (!Number.isSafeInteger(optimizer.iterations)) throw changed(className, 'iterations', 'a whole number');
  return layout;
}

function isVariable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'assign' in value && 'dataSync' in value;
}

function changed(className: string, field: string, expected: string): UnsupportedOptimizerError {
  return new UnsupportedOptimizerError(className, `expected its field ${field} to be ${expected}`, {
    hint: 'this version of TensorFlow.js keeps its state elsewhere; 4.22 is known to work',
  });
}
