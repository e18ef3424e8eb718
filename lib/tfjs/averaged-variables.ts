import type { Variable } from '@tensorflow/tfjs-core';
import { checkMethods } from '../error/check-methods.js';
import type { AveragedValues } from '../hook/learn/exponential-moving-average.js';
import { makeTensor } from '../tensor/make-tensor.js';
import { assignTensor } from './variable-tensors.js';

/**
 * Lets variables be averaged: for `exponentialMovingAverage({ of: ({ optimizer }) => averagedVariables(optimizer.trained) })`,
 * or with all the weights of a model, `model.variables`, where those that are not trained are to be averaged, too.
 * Variables of another dtype than float32 are left out. Needs a backend that can be read at once, so not WebGPU.
 */
export function averagedVariables(variables: ReadonlyMap<string, Variable>): AveragedValues {
  checkMethods('averagedVariables(variables)', 'variables by name, in a Map', variables, ['get', 'keys']);
  const averaged = [...variables].filter(([, { dtype }]) => dtype === 'float32');
  return {
    read: () => new Map(averaged.map(([name, variable]) => [name, elementsOf(variable)])),
    write(values) {
      for (const [name, variable] of averaged) {
        const array = values.get(name);
        if (array !== undefined) assignTensor(variable, makeTensor('float32', variable.shape, array));
      }
    },
  };
}

/** The cpu backend keeps some results in plain arrays. */
function elementsOf(variable: Variable): Float32Array {
  const elements = variable.dataSync();
  return elements instanceof Float32Array ? elements : Float32Array.from(elements);
}
