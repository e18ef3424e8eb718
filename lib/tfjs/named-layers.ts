import type { LayersModel, layers } from '@tensorflow/tfjs-layers';

export type Layer = layers.Layer;

/**
 * The layers of `model` that are no models themselves, in order, by names that every process and every copy of the
 * model gives alike.
 *
 * TensorFlow.js numbers the layers that its user did not name by a counter of the whole process (`dense_Dense7`), so
 * the second model of a process has other names than the first. Here such layers are counted within their model, as
 * Keras does: `dense`, `dense_1`. Layers of a model within the model are named `<inner model>/<layer>`.
 */
export function namedLayers(model: LayersModel): ReadonlyMap<string, Layer> {
  const named = new Map<string, Layer>();
  addLayers(model.layers, '', named);
  return named;
}

function addLayers(layersOfModel: readonly Layer[], prefix: string, named: Map<string, Layer>): void {
  const taken = new Set<string>();
  for (const layer of layersOfModel) {
    const name = uniqueName(ownName(layer), taken);
    const inner = layersWithin(layer);
    if (inner === undefined) named.set(prefix + name, layer);
    else addLayers(inner, `${prefix}${name}/`, named);
  }
}

/** `name`, or `name_1` and so on if it is taken; takes it. */
export function uniqueName(name: string, taken: Set<string>): string {
  let unique = name;
  for (let count = 1; taken.has(unique); count++) unique = `${name}_${count}`;
  taken.add(unique);
  return unique;
}

/** The name its user gave the layer, or its kind if TensorFlow.js made up a name. */
function ownName(layer: Layer): string {
  const kind = layer.getClassName();
  const made = new RegExp(`^(?:(.+)_${kind}|(model|sequential)_?)\\d+$`).exec(layer.name);
  return made?.[1] ?? made?.[2] ?? layer.name;
}

function layersWithin(layer: Layer): readonly Layer[] | undefined {
  return 'layers' in layer && Array.isArray(layer.layers) ? layer.layers : undefined;
}
