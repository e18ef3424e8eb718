import type { LayersModel } from '@tensorflow/tfjs-layers';
import { checkModel } from './check-model.js';
import { namedLayers } from './named-layers.js';

/** The layers of TensorFlow.js that draw from `Math.random()`, and the settings that make them do so. */
const RANDOM_LAYERS: Readonly<Record<string, readonly string[]>> = {
  Dropout: ['rate'],
  SpatialDropout1D: ['rate'],
  GaussianDropout: ['rate'],
  AlphaDropout: ['rate'],
  GaussianNoise: ['stddev'],
  SimpleRNN: ['dropout', 'recurrentDropout'],
  GRU: ['dropout', 'recurrentDropout'],
  LSTM: ['dropout', 'recurrentDropout'],
  ConvLSTM2D: ['dropout', 'recurrentDropout'],
};

/**
 * The layers of `model` whose random numbers no checkpoint can hold, with their kinds, e.g. `dropout (Dropout)`. Runs
 * of such a model do not resume exactly.
 *
 * A `Dropout` with a seed is none of them, though of little use: it drops the same units in every step.
 */
export function unrepeatableLayers(model: LayersModel): readonly string[] {
  checkModel('unrepeatableLayers(model)', model);
  const found: string[] = [];
  for (const [name, layer] of namedLayers(model)) {
    const kind = layer.getClassName();
    if (drawsUnseeded(kind, layer.getConfig())) found.push(`${name} (${kind})`);
  }
  return found;
}

function drawsUnseeded(kind: string, config: Readonly<Record<string, unknown>>): boolean {
  const { layer, seed } = config;
  // Wrappers: `TimeDistributed` and `Bidirectional` hold the configuration of one layer.
  if (isRecord(layer) && typeof layer['className'] === 'string' && isRecord(layer['config'])) {
    return drawsUnseeded(layer['className'], layer['config']);
  }
  if (typeof seed === 'number' && kind === 'Dropout') return false;
  return (RANDOM_LAYERS[kind] ?? []).some((setting) => Number(config[setting] ?? 0) > 0);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
