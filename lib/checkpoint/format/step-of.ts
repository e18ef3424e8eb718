import type { Tensor } from '../../tensor/tensor.js';

const STEP_SUFFIX = /-(\d{1,15})$/;

/**
 * The global step of a checkpoint that has no record: out of its `global_step`, if it has one as TensorFlow writes it,
 * else out of its name, `ckpt-500`; 0 if neither tells.
 */
export function stepOf(prefix: string, globalStep: Tensor | undefined): number {
  if (globalStep !== undefined && globalStep.dtype !== 'string' && globalStep.shape.length === 0) {
    const { bytes } = globalStep;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    if (globalStep.dtype === 'int64') return Number(view.getBigInt64(0, true));
    if (globalStep.dtype === 'int32') return view.getInt32(0, true);
  }
  return stepOfName(prefix) ?? 0;
}

/** The step that a prefix ends with, or `undefined`. */
export function stepOfName(prefix: string): number | undefined {
  const digits = STEP_SUFFIX.exec(prefix)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
