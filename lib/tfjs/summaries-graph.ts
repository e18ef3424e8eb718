import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkFunction } from '../error/check-function.js';
import { encodeGraphDef, type GraphNode } from '../format/event/graph/graph-def.js';
import { kerasModelValue } from '../format/event/graph/graph-value.js';
import type { SummarySource } from '../hook/summary/summary-source.js';
import { checkModel } from './check-model.js';
import { type Layer, namedLayers } from './named-layers.js';

/** A model within a model is a layer of that model, too. */
interface InnerModel {
  readonly layers: readonly Layer[];
  readonly inputLayers?: readonly Layer[];
  readonly outputLayers?: readonly Layer[];
}

/**
 * Draws the layers of a model as the graph of the run, and its architecture as `keras` on the page of graphs.
 *
 * @param modelOf finds the model in the state, e.g. `(state) => state.model.model`
 * @throws TypeError if `modelOf` is no function
 */
export function modelGraph<S>(modelOf: (state: S) => LayersModel): SummarySource {
  checkFunction('modelGraph(modelOf)', modelOf);
  return {
    graphDef: ({ state }) => encodeGraphDef(layerNodes(modelOf(state as S))),
    atStart: ({ state }) => [kerasModelValue('keras', JSON.stringify(modelOf(state as S).toJSON(undefined, false)))],
  };
}

/**
 * The layers of a model as the nodes of a graph, by the names of {@link namedLayers}, with the shapes of their outputs
 * and how many numbers they learn. Layers of a model within the model are in a group that unfolds.
 */
export function layerNodes(model: LayersModel): readonly GraphNode[] {
  checkModel('layerNodes(model)', model);
  const named = namedLayers(model);
  const names = new Map([...named].map(([name, layer]) => [layer, name]));
  const feeding = inputsOfInnerModels(model.layers);

  /** The nodes whose outputs a layer has: itself, or the last layers of a model. */
  const outputsOf = (layer: Layer): readonly string[] => {
    const name = names.get(layer);
    if (name !== undefined) return [name];
    const inner = innerModel(layer);
    return inner === undefined ? [] : (inner.outputLayers ?? inner.layers.slice(-1)).flatMap(outputsOf);
  };

  return [...named].map(([name, layer]) => {
    const before = [...layersBefore(layer), ...(feeding.get(layer) ?? [])];
    const inputs = new Set(before.flatMap(outputsOf).filter((input) => input !== name));
    return {
      name,
      op: layer.getClassName(),
      inputs: [...inputs],
      outputShapes: shapesOf(layer),
      attributes: { parameters: layer.countParams(), trainable: layer.trainable },
    };
  });
}

/** What comes into the first layers of a model from outside of it. */
function inputsOfInnerModels(layers: readonly Layer[]): Map<Layer, Layer[]> {
  const feeding = new Map<Layer, Layer[]>();
  for (const layer of layers) {
    const inner = innerModel(layer);
    if (inner === undefined) continue;
    for (const [first, before] of inputsOfInnerModels(inner.layers)) feeding.set(first, before);
    const inputs = new Set([...(inner.inputLayers ?? []), ...inner.layers.slice(0, 1)]);
    for (const first of inputs) feeding.set(first, [...(feeding.get(first) ?? []), ...layersBefore(layer)]);
  }
  return feeding;
}

function layersBefore(layer: Layer): readonly Layer[] {
  return layer.inboundNodes.flatMap(({ inboundLayers }) => inboundLayers);
}

function innerModel(layer: Layer): InnerModel | undefined {
  return 'layers' in layer && Array.isArray(layer.layers) ? (layer as unknown as InnerModel) : undefined;
}

function shapesOf(layer: Layer): readonly (readonly number[])[] | undefined {
  try {
    const { outputShape } = layer;
    const shapes = outputShape.some((size) => Array.isArray(size)) ? outputShape : [outputShape];
    return (shapes as readonly (readonly (number | null)[])[]).map((shape) => shape.map((size) => size ?? -1));
  } catch {
    // A layer that is used several times has no one shape.
    return undefined;
  }
}
