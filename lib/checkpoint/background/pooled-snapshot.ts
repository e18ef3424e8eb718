import type { Json } from '../../tensor/json.js';
import type { StateSnapshot } from '../../tensor/state-snapshot.js';
import type { Tensor, Tensors } from '../../tensor/tensor.js';
import type { SnapshotSlot } from './snapshot-pool.js';

/** The texts of a snapshot, which do not fit into one block of memory. */
export type SnapshotStrings = ReadonlyMap<string, readonly Uint8Array[]>;

/** A copy of a state that lies in a slot of the pool. */
export class PooledSnapshot implements StateSnapshot {
  #tensors: Tensors | undefined;

  /** @param stateJson the JSON as text: a copy, too */
  constructor(
    readonly globalStep: number,
    readonly slot: SnapshotSlot,
    readonly strings: SnapshotStrings,
    readonly stateJson: string,
  ) {}

  get sizeBytes(): number {
    return this.slot.plan.sizeBytes;
  }

  get json(): Json {
    return JSON.parse(this.stateJson) as Json;
  }

  /** Views of the slot. */
  get tensors(): Tensors {
    this.#tensors ??= tensorsOf(this.slot, this.strings);
    return this.#tensors;
  }
}

/** The tensors that lie in a slot, as views of its memory. */
export function tensorsOf(
  { plan, bytes }: Pick<SnapshotSlot, 'plan' | 'bytes'>,
  strings: SnapshotStrings,
): Map<string, Tensor> {
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, offset, sizeBytes } of plan.tensors) {
    if (dtype === 'string') tensors.set(name, { dtype, shape, values: strings.get(name) ?? [] });
    else tensors.set(name, { dtype, shape, bytes: bytes.subarray(offset, offset + sizeBytes) });
  }
  return tensors;
}
