import { safetensors } from '../../../lib/checkpoint/format/safetensors.js';
import { learningRun, OPTIMIZERS, startBackend } from './learning-run.js';

await startBackend('wasm');

export const makeRun = learningRun({
  optimizer: OPTIMIZERS['adam'] as NonNullable<(typeof OPTIMIZERS)[string]>,
  model: 'mlp',
  format: safetensors(),
  isAsync: true,
  hasHooks: true,
});
