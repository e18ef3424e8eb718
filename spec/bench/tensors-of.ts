import type { Tensor } from '../../lib/tensor/tensor.js';

/** A block of bytes, and tensors that are views of it. */
export interface BlockOfTensors {
  readonly block: Uint8Array;
  readonly tensors: ReadonlyMap<string, Tensor>;
}

/** A state of that many tensors of that many bytes each. */
export function tensorsOf(count: number, bytesEach: number): BlockOfTensors {
  const block = new Uint8Array(count * bytesEach).map((_, i) => i * 31);
  const tensors = new Map<string, Tensor>();
  for (let i = 0; i < count; i++) {
    const bytes = block.subarray(i * bytesEach, (i + 1) * bytesEach);
    tensors.set(`model/w${String(i).padStart(6, '0')}`, { dtype: 'uint8', shape: [bytesEach], bytes });
  }
  return { block, tensors };
}
