import { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkModel } from './check-model.js';
import { namedLayers, uniqueName } from './named-layers.js';

/**
 * All weights of `model`, those that are not trained too, by stable names such as `dense/kernel`.
 * @see namedLayers
 */
export function modelVariables(model: LayersModel): ReadonlyMap<string, Variable> {
  checkModel('modelVariables(model)', model);
  const variables = new Map<string, Variable>();
  const seen = new Set<Variable>();
  for (const [layerName, layer] of namedLayers(model)) {
    const taken = new Set<string>();
    // Ordered by age, since freezing a weight changes its place among `weights`.
    for (const weight of [...layer.weights].sort((a, b) => a.id - b.id)) {
      const name = weight.originalName.slice(weight.originalName.lastIndexOf('/') + 1);
      const variable = weight.read();
      if (!(variable instanceof Variable)) throw new TypeError(`modelVariables(model): ${name} is no variable`);
      const unique = uniqueName(name, taken);
      if (seen.has(variable)) continue;
      seen.add(variable);
      variables.set(`${layerName}/${unique}`, variable);
    }
  }
  return variables;
}
