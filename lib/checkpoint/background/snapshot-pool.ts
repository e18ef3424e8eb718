import type { StateSnapshot } from '../../tensor/state-snapshot.js';
import { checkJson } from '../check-json.js';
import { encodeStateJson } from '../format/state-json.js';
import { PooledSnapshot } from './pooled-snapshot.js';
import { fitsPlan, planSnapshot, type SnapshotPlan } from './snapshot-plan.js';

/** One is written, one waits. */
const SLOTS = 2;

/** The memory of one snapshot; a slot's memory changes only when the state's shape does. */
export interface SnapshotSlot {
  readonly index: number;
  readonly plan: SnapshotPlan;
  readonly bytes: Uint8Array;
}

/** Makes the memory of a slot. */
export type Allocate = (sizeBytes: number) => ArrayBufferLike;

/**
 * The memory into which states are copied: at most two snapshots, allocated when they are first needed and then used
 * again and again, for fresh memory costs several times what the copy does.
 *
 * The layout is planned once and stays as long as names, dtypes and shapes do. A state that changes them between two
 * saves gets a new plan, and new memory where the old is too small.
 */
export class SnapshotPool {
  readonly #allocate: Allocate;
  readonly #slots: (SnapshotSlot | undefined)[] = [];
  readonly #taken = new Map<number, SnapshotSlot>();
  readonly #read = new Set<PooledSnapshot>();
  readonly #released = new Set<PooledSnapshot>();
  #plan: SnapshotPlan | undefined;

  constructor(allocate: Allocate) {
    this.#allocate = allocate;
  }

  /** The memory that is allocated now. */
  get sizeBytes(): number {
    return this.#slots.reduce((sum, slot) => sum + (slot?.bytes.buffer.byteLength ?? 0), 0);
  }

  /** How many snapshots are held. */
  get takenCount(): number {
    return this.#taken.size;
  }

  /**
   * Copies a state; each tensor's bytes are read once.
   *
   * @throws UnsavableStateError if its JSON would not come back as it is
   * @throws RangeError if the bytes of a tensor are not as many as its shape says, or there is no memory for it
   * @throws Error if both slots are taken
   */
  copy(snapshot: StateSnapshot): PooledSnapshot {
    checkJson(snapshot);
    const stateJson = encodeStateJson(snapshot.json);
    const slot = this.#takeSlot(this.#currentPlan(snapshot));
    try {
      const strings = fill(slot, snapshot);
      return new PooledSnapshot(snapshot.globalStep, slot, strings, stateJson);
    } catch (error) {
      this.#taken.delete(slot.index);
      throw error;
    }
  }

  /** Plans for states like this one, if nothing was copied before. */
  planFor(snapshot: StateSnapshot): void {
    this.#plan ??= planSnapshot(snapshot.tensors);
  }

  /** Memory for the next snapshot, if there is none yet; `undefined` if there is, or nothing was planned before. */
  reserve(): SnapshotSlot | undefined {
    if (this.#plan === undefined) return undefined;
    for (let index = 0; index < SLOTS; index++) {
      if (this.#slots[index] === undefined) return this.#slotFor(index, this.#plan);
    }
    return undefined;
  }

  /** Somebody reads the snapshot, perhaps in another thread: its memory is not used again before {@link endRead}. */
  beginRead(snapshot: PooledSnapshot): void {
    this.#read.add(snapshot);
  }

  endRead(snapshot: PooledSnapshot): void {
    this.#read.delete(snapshot);
    if (this.#released.delete(snapshot)) this.release(snapshot);
  }

  /** Gives the memory of a snapshot back, now or when it is read no more. */
  release(snapshot: PooledSnapshot): void {
    if (this.#read.has(snapshot)) this.#released.add(snapshot);
    else if (this.#taken.get(snapshot.slot.index) === snapshot.slot) this.#taken.delete(snapshot.slot.index);
  }

  #currentPlan({ tensors }: StateSnapshot): SnapshotPlan {
    if (this.#plan === undefined || !fitsPlan(this.#plan, tensors)) this.#plan = planSnapshot(tensors);
    return this.#plan;
  }

  #takeSlot(plan: SnapshotPlan): SnapshotSlot {
    let index = 0;
    while (this.#taken.has(index)) index++;
    if (index >= SLOTS) throw new Error(`SnapshotPool.copy(): expected at most ${SLOTS} snapshots to be held`);
    const slot = this.#slotFor(index, plan);
    this.#taken.set(index, slot);
    return slot;
  }

  #slotFor(index: number, plan: SnapshotPlan): SnapshotSlot {
    const slot = this.#slots[index];
    // Always a new object: it tells one copy in this slot from the next.
    if (slot?.plan === plan) return (this.#slots[index] = { ...slot });
    const memory = slot?.bytes.buffer;
    const isLargeEnough = memory !== undefined && memory.byteLength >= plan.sizeBytes;
    // Let go first: the old and the new memory need not be there at once.
    if (!isLargeEnough) this.#slots[index] = undefined;
    const bytes = new Uint8Array(isLargeEnough ? memory : this.#allocate(plan.sizeBytes));
    return (this.#slots[index] = { index, plan, bytes });
  }
}

function fill({ plan, bytes: target }: SnapshotSlot, { tensors }: StateSnapshot): Map<string, Uint8Array[]> {
  const strings = new Map<string, Uint8Array[]>();
  let index = 0;
  for (const [name, tensor] of tensors) {
    const planned = plan.tensors[index++];
    if (tensor.dtype === 'string') {
      strings.set(
        name,
        tensor.values.map((value) => new Uint8Array(value)),
      );
      continue;
    }
    const { bytes } = tensor;
    if (planned === undefined || bytes.length !== planned.sizeBytes) {
      throw new RangeError(
        `SnapshotPool.copy(snapshot): expected ${planned?.sizeBytes} bytes in ${name}, received ${bytes.length}`,
      );
    }
    target.set(bytes, planned.offset);
  }
  return strings;
}
