import { keep, type Optimizer, scalar, tidy, Variable, variable } from '@tensorflow/tfjs-core';
import { UnsupportedOptimizerError } from '../error/unsupported-optimizer-error.js';
import type { Tensor } from '../tensor/tensor.js';
import type { OptimizerField } from './optimizer-layout.js';
import { assignTensor, toTfTensor } from './variable-tensors.js';

/** One entry of an optimizer's slot list, as TensorFlow.js has it. */
export interface SlotEntry {
  /** The trained variable's process-wide name, a slash, and the slot's name. */
  readonly originalName: string;
  readonly variable: Variable;
}

/** The entries of one slot list; empty before the first step. */
export function slotsOf(optimizer: Optimizer, { field }: OptimizerField): readonly SlotEntry[] {
  const list: unknown = Reflect.get(optimizer, field);
  return Array.isArray(list) ? list.filter(isSlotEntry) : [];
}

/** The variable in one field. */
export function scalarOf(optimizer: Optimizer, { field }: OptimizerField): Variable {
  const value: unknown = Reflect.get(optimizer, field);
  if (value instanceof Variable) return value;
  throw new UnsupportedOptimizerError(optimizer.getClassName(), `expected its field ${field} to be a variable`);
}

/**
 * Gives an optimizer one slot list with the saved values, in order. Variables that are there already are kept and
 * assigned to; others are made as TensorFlow.js makes them, so that `optimizer.dispose()` frees them.
 */
export function setSlots(
  optimizer: Optimizer,
  slot: OptimizerField,
  saved: readonly { readonly originalName: string; readonly value: Tensor }[],
): void {
  const unused = new Map(slotsOf(optimizer, slot).map((entry) => [entry.originalName, entry]));
  const entries = saved.map(({ originalName, value }): SlotEntry => {
    const entry = unused.get(originalName);
    if (entry === undefined) return { originalName, variable: tidy(() => variable(toTfTensor(value), false)) };
    unused.delete(originalName);
    assignTensor(entry.variable, value);
    return entry;
  });
  for (const entry of unused.values()) entry.variable.dispose();
  Reflect.set(optimizer, slot.field, entries);
}

/** Sets the number of steps that the optimizer counts. */
export function setIterations(optimizer: Optimizer, iterations: number): void {
  Reflect.set(optimizer, 'iterations_', iterations);
}

/** Sets a number from the optimizer's configuration, and the tensor that some optimizers make of it. */
export function setHyperparameter(optimizer: Optimizer, name: string, value: number): void {
  if (name === 'learningRate' && 'setLearningRate' in optimizer && typeof optimizer.setLearningRate === 'function') {
    optimizer.setLearningRate(value);
    return;
  }
  Reflect.set(optimizer, name, value);
  // MomentumOptimizer computes with a tensor that its own setMomentum() does not change.
  if (name === 'momentum' && optimizer.getClassName() === 'Momentum') {
    disposeField(optimizer, 'm');
    Reflect.set(optimizer, 'm', keep(scalar(value)));
  }
}

/** Frees the optimizer's variables, and the learning rate's tensor, which MomentumOptimizer forgets. */
export function disposeOptimizer(optimizer: Optimizer): void {
  optimizer.dispose();
  if (optimizer.getClassName() === 'Momentum') disposeField(optimizer, 'c');
}

function disposeField(optimizer: Optimizer, field: string): void {
  const value: unknown = Reflect.get(optimizer, field);
  if (typeof value === 'object' && value !== null && 'dispose' in value && typeof value.dispose === 'function') {
    value.dispose();
  }
}

function isSlotEntry(entry: unknown): entry is SlotEntry {
  return (
    typeof entry === 'object' &&
    entry !== null &&
    'originalName' in entry &&
    typeof entry.originalName === 'string' &&
    'variable' in entry &&
    entry.variable instanceof Variable
  );
}
