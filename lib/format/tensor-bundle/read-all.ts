import type { Tensor } from '../../tensor/tensor.js';
import { readAhead } from '../read-ahead.js';
import type { BundleEntry } from './bundle-entry.js';
import type { OpenedBundle } from './opened-bundle.js';
import { readTensor } from './read-tensor.js';

/** Memory for small tensors is taken from blocks: one of its own costs as much as reading it. */
const BLOCK_BYTES = 256 << 10;
const SMALL_BYTES = 16 << 10;
/** So that a tensor can be looked at as numbers where it lies. */
const ALIGNMENT = 8;

/**
 * Reads all tensors, verifies their checksums, and returns them in the order of the index. The data files are read from
 * front to back, and small tensors many at a time.
 *
 * @throws CorruptDataError, TruncatedDataError, UnsupportedDataError at the first that cannot be read
 */
export function readAll(bundle: OpenedBundle): Map<string, Tensor> {
  const entries = [...bundle.index.entries.values()];
  const ahead = { ...bundle, shards: bundle.shards.through(readAhead), allocate: blocks() };
  const tensors = new Map<string, Tensor>();
  if (entries.every((entry, i) => i === 0 || comparePlaces(entries[i - 1] as BundleEntry, entry) <= 0)) {
    for (const entry of entries) tensors.set(entry.name, readTensor(ahead, entry, undefined));
    return tensors;
  }
  // The places first, in the order of the names.
  for (const { name } of entries) tensors.set(name, NOT_READ);
  for (const entry of entries.sort(comparePlaces)) tensors.set(entry.name, readTensor(ahead, entry, undefined));
  return tensors;
}

const NOT_READ: Tensor = { dtype: 'bool', shape: [0], bytes: new Uint8Array(0) };

function comparePlaces(a: BundleEntry, b: BundleEntry): number {
  return a.shard - b.shard || a.offset - b.offset;
}

/** Makes memory; that of small tensors is part of a block. */
function blocks(): (sizeBytes: number) => Uint8Array {
  let block = new Uint8Array(0);
  let used = 0;
  return (sizeBytes) => {
    if (sizeBytes > SMALL_BYTES) return new Uint8Array(sizeBytes);
    if (used + sizeBytes > block.length) {
      block = new Uint8Array(BLOCK_BYTES);
      used = 0;
    }
    const bytes = block.subarray(used, used + sizeBytes);
    used += Math.ceil(sizeBytes / ALIGNMENT) * ALIGNMENT;
    return bytes;
  };
}
