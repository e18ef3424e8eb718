import { describeReceived } from '../error/describe-received.js';

/** @throws TypeError naming `where` for what is no model of layers */
export function checkModel(where: string, model: unknown): void {
  const { layers } = (model ?? {}) as { readonly layers?: unknown };
  if (Array.isArray(layers)) return;
  throw new TypeError(`${where}: expected a model of TensorFlow.js's layers, received ${describeReceived(model)}`);
}
