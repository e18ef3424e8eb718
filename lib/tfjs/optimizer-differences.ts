import type { Variable } from '@tensorflow/tfjs-core';
import type { Tensors } from '../tensor/tensor.js';
import type { OptimizerField } from './optimizer-layout.js';
import type { OptimizerState } from './optimizer-state.js';
import { specText } from './variables-part.js';

/** What an optimizer is that a saved state is compared with. */
export interface CurrentOptimizer {
  readonly className: string;
  readonly numbers: Readonly<Record<string, number>>;
  readonly flags: Readonly<Record<string, boolean>>;
  readonly trained: ReadonlyMap<string, Variable>;
  /** All that may have slots. */
  readonly variables: ReadonlyMap<string, Variable>;
  readonly slots: readonly OptimizerField[];
  readonly scalars: readonly OptimizerField[];
}

/**
 * Why an optimizer cannot go on from `saved`, one sentence each. Tensors are compared only if the settings agree, since
 * those say which tensors there are to be.
 */
export function optimizerDifferences(saved: OptimizerState, tensors: Tensors, current: CurrentOptimizer): string[] {
  const differences = settingDifferences(saved, current);
  return differences.length > 0 ? differences : tensorDifferences(saved, tensors, current);
}

function settingDifferences(saved: OptimizerState, { className, numbers, flags, trained }: CurrentOptimizer): string[] {
  const differences: string[] = [];
  const compare = (name: string, theirs: unknown, ours: unknown): void => {
    if (theirs !== ours) differences.push(`${name} is ${theirs} in the checkpoint, ${ours} in this state`);
  };
  compare('optimizer', saved.optimizer, className);
  if (differences.length > 0) return differences;
  for (const name of new Set([...saved.flags.keys(), ...Object.keys(flags)])) {
    compare(name, saved.flags.get(name), flags[name]);
  }
  for (const [name, value] of saved.hyperparameters) {
    if (!Object.hasOwn(numbers, name)) compare(name, value, undefined);
  }
  compare('the list of trained variables', saved.trained.join(', '), [...trained.keys()].join(', '));
  return differences;
}

function tensorDifferences(saved: OptimizerState, tensors: Tensors, current: CurrentOptimizer): string[] {
  const expected = new Map<string, string>();
  for (const { name } of current.scalars) expected.set(name, specText({ dtype: 'float32', shape: [] }));
  for (const name of saved.slots) {
    const variable = current.variables.get(name);
    if (variable === undefined) return [`${name} has slots in the checkpoint, but is not in this state`];
    const spec = specText({ dtype: 'float32', shape: variable.shape });
    for (const slot of current.slots) expected.set(`${name}/${slot.name}`, spec);
  }
  const differences: string[] = [];
  for (const [name, spec] of expected) {
    const tensor = tensors.get(name);
    if (tensor === undefined) differences.push(`${name} is not in the checkpoint`);
    else if (specText(tensor) !== spec) {
      differences.push(`${name} is ${specText(tensor)} in the checkpoint, ${spec} in this state`);
    }
  }
  for (const name of tensors.keys()) {
    if (!expected.has(name)) differences.push(`${name} is in the checkpoint, but not in this state`);
  }
  return differences;
}
