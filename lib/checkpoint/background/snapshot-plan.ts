import type { TensorSpec, Tensors } from '../../tensor/tensor.js';
import { tensorBytes } from '../../tensor/tensor.js';

/** Each tensor begins at a multiple of this, so that it can be looked at as numbers where it lies. */
const ALIGNMENT = 8;

/** Where a tensor lies in the memory of a snapshot. */
export interface PlannedTensor extends TensorSpec {
  readonly name: string;
  readonly offset: number;
  /** 0 for texts, which lie elsewhere. */
  readonly sizeBytes: number;
}

/** Where the tensors of a state lie in the memory of its snapshots, in the order in which they are written. */
export interface SnapshotPlan {
  readonly tensors: readonly PlannedTensor[];
  readonly sizeBytes: number;
}

/** Plans the memory for states like this one. */
export function planSnapshot(tensors: Tensors): SnapshotPlan {
  const planned: PlannedTensor[] = [];
  let end = 0;
  for (const [name, { dtype, shape }] of tensors) {
    const sizeBytes = dtype === 'string' ? 0 : tensorBytes(dtype, shape);
    const offset = Math.ceil(end / ALIGNMENT) * ALIGNMENT;
    planned.push({ name, dtype, shape: [...shape], offset, sizeBytes });
    end = offset + sizeBytes;
  }
  return { tensors: planned, sizeBytes: end };
}

/** Whether a plan is right for a state: the same names in the same order, of the same dtypes and shapes. */
export function fitsPlan({ tensors: planned }: SnapshotPlan, tensors: Tensors): boolean {
  if (planned.length !== tensors.size) return false;
  let index = 0;
  for (const [name, { dtype, shape }] of tensors) {
    const expected = planned[index++] as PlannedTensor;
    if (expected.name !== name || expected.dtype !== dtype || expected.shape.length !== shape.length) return false;
    for (let axis = 0; axis < shape.length; axis++) if (expected.shape[axis] !== shape[axis]) return false;
  }
  return true;
}
