import type { Variable } from '@tensorflow/tfjs-core';
import { checkObject } from '../error/check-object.js';
import { StateMismatchError } from '../error/state-mismatch-error.js';
import type { Checkpointable } from '../session/checkpointable.js';
import type { PartState } from '../tensor/part-state.js';
import type { Tensors } from '../tensor/tensor.js';
import { assignTensor, isAsyncBackend, readTensors, readTensorsAsync } from './variable-tensors.js';

/**
 * Makes a part of the training state out of plain variables, under the names that they have in `variables`.
 *
 * A captured tensor reads its variable when its bytes are asked for, so it is valid until the next step; on a backend
 * that cannot be read at once, `capture` returns a promise. `restore` assigns in place: whoever holds a variable goes
 * on holding it.
 *
 * @throws UnsupportedDataError from `capture` for a variable of another dtype than float32, int32 and bool
 */
export function variablesPart(variables: Readonly<Record<string, Variable>>): Checkpointable {
  checkObject('variablesPart(variables)', 'variables by name', variables);
  const named = new Map(Object.entries(variables));
  return {
    capture: () => captureVariables(named),
    differences: ({ tensors }) => variableDifferences(named, tensors),
    restore: ({ tensors }) => restoreVariables('of variables', named, tensors),
  };
}

/** The variables' elements now, lazily or, where that is impossible, as a promise. */
export function captureVariables(variables: ReadonlyMap<string, Variable>): PartState | Promise<PartState> {
  if (isAsyncBackend()) return readTensorsAsync(variables).then((tensors) => ({ tensors }));
  return { tensors: readTensors(variables) };
}

/** How `tensors` differ from `variables` in names, dtypes and shapes, one sentence each. */
export function variableDifferences(variables: ReadonlyMap<string, Variable>, tensors: Tensors): string[] {
  const differences: string[] = [];
  for (const [name, variable] of variables) {
    const saved = tensors.get(name);
    if (saved === undefined) differences.push(`${name} is not in the checkpoint`);
    else if (specText(saved) !== specText(variable)) {
      differences.push(`${name} is ${specText(saved)} in the checkpoint, ${specText(variable)} in this state`);
    }
  }
  for (const name of tensors.keys()) {
    if (!variables.has(name)) differences.push(`${name} is in the checkpoint, but not in this state`);
  }
  return differences;
}

/**
 * Assigns `tensors` to `variables`.
 *
 * @param what for the message of the error
 * @throws StateMismatchError if they differ in names, dtypes or shapes; nothing was changed then
 */
export function restoreVariables(what: string, variables: ReadonlyMap<string, Variable>, tensors: Tensors): void {
  const differences = variableDifferences(variables, tensors);
  if (differences.length > 0) throw new StateMismatchError(what, differences);
  for (const [name, variable] of variables) {
    const saved = tensors.get(name);
    if (saved !== undefined) assignTensor(variable, saved);
  }
}

export function specText({ dtype, shape }: { readonly dtype: string; readonly shape: readonly number[] }): string {
  return `${dtype}[${shape.join(', ')}]`;
}
