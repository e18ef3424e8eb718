export { UnrepeatableLayerError } from '../error/unrepeatable-layer-error.js';
export { UnsupportedOptimizerError } from '../error/unsupported-optimizer-error.js';
export { UntrainableLayerError } from '../error/untrainable-layer-error.js';
export { type AccumulatedState, type AccumulatingStepOptions, accumulatingStep } from './accumulating-step.js';
export { averagedVariables } from './averaged-variables.js';
export { checkBackend } from './check-backend.js';
export { type ClassBatch, classify } from './classify.js';
export {
  type GradientAccumulator,
  type GradientAccumulatorOptions,
  gradientAccumulator,
} from './gradient-accumulator.js';
export { type ModelPart, type ModelPartOptions, modelPart } from './model-part.js';
export { modelVariables } from './model-variables.js';
export { type OptimizerPart, type OptimizerPartOptions, optimizerPart } from './optimizer-part.js';
export { type SeededDropoutOptions, seededDropout } from './seeded-dropout.js';
export { layerNodes, modelGraph } from './summaries-graph.js';
export { type ModelHistogramsOptions, modelHistograms } from './summaries-model.js';
export {
  GRADIENTS,
  type Gradients,
  type Scalars,
  type TrainContext,
  type TrainedState,
  type TrainStepOptions,
  trainStep,
} from './train-step.js';
export { unrepeatableLayers } from './unrepeatable-layers.js';
export { variablesPart } from './variables-part.js';
