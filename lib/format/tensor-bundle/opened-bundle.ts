import type { DType } from '../../tensor/dtype.js';
import type { Crc32c } from '../crc32c.js';
import { type BundleEntry, UNREADABLE_DTYPES, type UnreadableDType } from './bundle-entry.js';
import type { BundleShards } from './bundle-shards.js';
import type { BundleIndex } from './index/bundle-index.js';

/** What reading a tensor needs. */
export interface OpenedBundle {
  readonly index: BundleIndex;
  readonly shards: BundleShards;
  readonly crc32c: Crc32c;
  /** Makes memory for elements; default: of its own for each tensor. */
  readonly allocate?: ((sizeBytes: number) => Uint8Array) | undefined;
}

/** The dtype of a tensor that can be read; throws the fault of any other. */
export function readableDType({ dtype, fault }: BundleEntry): DType {
  if (fault !== undefined || isUnreadable(dtype)) throw fault ?? new Error(`an entry of ${dtype} has no fault`);
  return dtype;
}

function isUnreadable(dtype: DType | UnreadableDType): dtype is UnreadableDType {
  const unreadable: readonly string[] = UNREADABLE_DTYPES;
  return unreadable.includes(dtype);
}
