import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { env, getBackend, ready, setBackend } from '@tensorflow/tfjs-core';

/** Starts TensorFlow.js on WebAssembly, or in plain JavaScript where that does not start; says which it is. */
export async function startBackend(): Promise<string> {
  // Keeps TensorFlow.js from advertising its Node package on standard error.
  env().set('PROD', true);
  const isOnWasm = await setBackend('wasm').catch(() => false);
  if (!isOnWasm) await setBackend('cpu');
  await ready();
  return getBackend();
}
