import { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';

/**
 * Makes a function that gives those of `variables` that are trained at the time of the call, in the order in which a
 * model gives its weights to an optimizer; without a model, in their own order.
 */
export function trainedVariables(
  variables: ReadonlyMap<string, Variable>,
  model: LayersModel | undefined,
): () => ReadonlyMap<string, Variable> {
  const all = [...variables];
  const names = new Map(all.map(([name, variable]) => [variable, name]));
  // Asked for in each step, while the answer hardly ever changes: freezing a layer shows in its variables.
  let trained: ReadonlyMap<string, Variable> | undefined;
  let isTrainable: boolean | undefined;
  let flags: readonly boolean[] = [];

  return () => {
    const isCurrent =
      model?.trainable === isTrainable && all.every(([, variable], index) => variable.trainable === flags[index]);
    if (trained !== undefined && isCurrent) return trained;
    isTrainable = model?.trainable;
    flags = all.map(([, { trainable }]) => trainable);
    if (model === undefined) return (trained = new Map(all.filter(([, { trainable }]) => trainable)));
    const found = new Map<string, Variable>();
    for (const weight of model.trainableWeights) {
      const variable = weight.read();
      const name = variable instanceof Variable ? names.get(variable) : undefined;
      if (variable instanceof Variable && name !== undefined) found.set(name, variable);
    }
    return (trained = found);
  };
}
