import { type Tensor, tensorBytes } from '../../tensor/tensor.js';
import type { BundleEntry } from './bundle-entry.js';
import { entryPlace } from './index/bundle-index.js';
import { type OpenedBundle, readableDType } from './opened-bundle.js';
import { locateWhole, readStrings, readWhole } from './read-whole.js';
import { locateParts, readParts, readStringParts } from './slice/read-slices.js';

/**
 * Reads a tensor and verifies its checksums. Nothing is allocated before its bytes are known to be there.
 *
 * @param into where the elements go; default: fresh memory. On an error it may be written in part
 * @throws CorruptDataError, TruncatedDataError, UnsupportedDataError if it cannot be read
 * @throws RangeError if `into` has another size, or the tensor holds strings
 */
export function readTensor(bundle: OpenedBundle, entry: BundleEntry, into: Uint8Array | undefined): Tensor {
  const { index, shards, crc32c, allocate = newBytes } = bundle;
  const { shape } = entry;
  const where = entryPlace(index.file, entry.name);
  const dtype = readableDType(entry);
  const isWhole = entry.slices.length === 0;

  if (dtype === 'string') {
    if (into !== undefined) throw new RangeError('read(name, into): expected no memory for strings, received some');
    const values = isWhole
      ? readStrings(shards, entry, where, crc32c)
      : readStringParts(bundle, locateParts(bundle, entry, dtype), shape);
    return { dtype, shape, values };
  }

  const sizeBytes = tensorBytes(dtype, shape);
  if (into !== undefined && into.length !== sizeBytes) {
    throw new RangeError(`read(name, into): expected ${sizeBytes} bytes, received ${into.length}`);
  }
  if (isWhole) {
    const source = locateWhole(shards, entry, dtype, where);
    const bytes = into ?? allocate(sizeBytes);
    readWhole(source, entry, bytes, where, crc32c);
    return { dtype, shape, bytes };
  }
  const parts = locateParts(bundle, entry, dtype);
  const bytes = into ?? allocate(sizeBytes);
  readParts(bundle, parts, dtype, shape, bytes);
  return { dtype, shape, bytes };
}

/** Does what {@link readTensor} does, and throws what it throws, without keeping the elements. */
export function checkTensor(bundle: OpenedBundle, entry: BundleEntry): void {
  const { index, shards, crc32c } = bundle;
  const where = entryPlace(index.file, entry.name);
  const dtype = readableDType(entry);
  const parts = entry.slices.length === 0 ? [{ entry, where }] : locateParts(bundle, entry, dtype);
  for (const part of parts) {
    if (dtype === 'string') readStrings(shards, part.entry, part.where, crc32c);
    else readWhole(locateWhole(shards, part.entry, dtype, part.where), part.entry, undefined, part.where, crc32c);
  }
}

function newBytes(sizeBytes: number): Uint8Array {
  return new Uint8Array(sizeBytes);
}
