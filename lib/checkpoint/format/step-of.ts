import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { Tensor } from '../../tensor/tensor.js';

const STEP_SUFFIX = /(?<![-+])-(\d{1,15})$/;

/**
 * The global step of a checkpoint that has no record: out of its `global_step`, if it has one as TensorFlow writes it,
 * else out of its name, `ckpt-500`; 0 if neither tells.
 *
 * @throws CorruptDataError if its `global_step` is no step
 */
export function stepOf(prefix: string, globalStep: Tensor | undefined): number {
  const step = scalarOf(globalStep);
  if (step === undefined) return stepOfName(prefix) ?? 0;
  if (!Number.isSafeInteger(step) || step < 0) {
    throw new CorruptDataError('checkpoint', prefix, `its global_step is ${step}`);
  }
  return step;
}

/** The step that a prefix ends with, or `undefined`. TensorFlow may pad it with zeros. */
export function stepOfName(prefix: string): number | undefined {
  const digits = STEP_SUFFIX.exec(prefix)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

function scalarOf(tensor: Tensor | undefined): number | undefined {
  if (tensor === undefined || tensor.dtype === 'string' || tensor.shape.length > 0) return undefined;
  const { bytes } = tensor;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (tensor.dtype === 'int64') return Number(view.getBigInt64(0, true));
  return tensor.dtype === 'int32' ? view.getInt32(0, true) : undefined;
}
