import type { Variable } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { StateMismatchError } from '../error/state-mismatch-error.js';
import { UnrepeatableLayerError } from '../error/unrepeatable-layer-error.js';
import type { Checkpointable } from '../session/checkpointable.js';
import type { Random } from '../session/random.js';
import type { Json } from '../tensor/json.js';
import type { PartState } from '../tensor/part-state.js';
import { checkModel } from './check-model.js';
import { modelVariables } from './model-variables.js';
import { namedLayers } from './named-layers.js';
import { SeededDropout } from './seeded-dropout.js';
import { unrepeatableLayers } from './unrepeatable-layers.js';
import { captureVariables, restoreVariables, variableDifferences } from './variables-part.js';

export interface ModelPartOptions {
  /** Takes a model with layers whose random numbers cannot be saved; it does not resume exactly. Default false. */
  readonly allowsRandomLayers?: boolean | undefined;
}

const OPTIONS: OptionNames<ModelPartOptions> = { allowsRandomLayers: true };

/**
 * Makes a part of the training state out of a model: all its weights, those that are not trained too, and the
 * generators of its {@link seededDropout} layers.
 *
 * Names are the same in every process and for every copy of the model: `dense/kernel`, `dense_1/bias`, or the names
 * that the layers were given. Captured tensors are read when their bytes are asked for and are valid until the next
 * step; on a backend that cannot be read at once, `capture` returns a promise. `restore` assigns in place.
 *
 * @throws UnrepeatableLayerError if it has layers whose random numbers cannot be saved
 */
export function modelPart(model: LayersModel, options: ModelPartOptions = {}): ModelPart {
  checkModel('modelPart(model)', model);
  checkOptions('modelPart(options)', options, OPTIONS);
  const { allowsRandomLayers = false } = options;
  const unrepeatable = unrepeatableLayers(model);
  if (!allowsRandomLayers && unrepeatable.length > 0) throw new UnrepeatableLayerError(unrepeatable);
  return new ModelPart(model);
}

/** A model as a part of the training state. Made by {@link modelPart}. */
export class ModelPart implements Checkpointable {
  /** All weights by their stable names. */
  readonly variables: ReadonlyMap<string, Variable>;
  readonly #generators: ReadonlyMap<string, Random>;

  constructor(readonly model: LayersModel) {
    this.variables = modelVariables(model);
    const generators = new Map<string, Random>();
    for (const [name, layer] of namedLayers(model)) {
      if (layer instanceof SeededDropout) generators.set(name, layer.random);
    }
    this.#generators = generators;
  }

  capture(): PartState | Promise<PartState> {
    const state = captureVariables(this.variables);
    if (this.#generators.size === 0) return state;
    const random = Object.fromEntries([...this.#generators].map(([name, { state: words }]) => [name, words]));
    if (state instanceof Promise) return state.then(({ tensors }) => ({ tensors, json: { random } }));
    return { tensors: state.tensors, json: { random } };
  }

  differences({ tensors, json }: PartState): readonly string[] {
    const differences = variableDifferences(this.variables, tensors);
    const saved = savedGenerators(json);
    for (const [name, generator] of this.#generators) {
      const state = saved.get(name);
      if (state === undefined) differences.push(`${name} is not in the checkpoint`);
      else if (generator.differences(state).length > 0)
        differences.push(`${name} has no random state in the checkpoint`);
    }
    for (const name of saved.keys()) {
      if (!this.#generators.has(name)) differences.push(`${name} is in the checkpoint, but not in this state`);
    }
    return differences;
  }

  restore(state: PartState): void {
    const differences = this.differences(state);
    if (differences.length > 0) throw new StateMismatchError('of a model', differences);
    restoreVariables('of a model', this.variables, state.tensors);
    for (const [name, words] of savedGenerators(state.json)) this.#generators.get(name)?.restore(words);
  }

  /** Frees the model's weights. */
  dispose(): void {
    this.model.dispose();
  }
}

/** The saved generators by layer, each as the state that {@link Random} takes. */
function savedGenerators(json: Json | undefined): ReadonlyMap<string, PartState> {
  if (typeof json !== 'object' || json === null || !('random' in json)) return new Map();
  const { random } = json;
  if (typeof random !== 'object' || random === null) return new Map();
  return new Map(Object.entries(random).map(([name, state]) => [name, { tensors: new Map(), json: { state } }]));
}
