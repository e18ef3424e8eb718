import { CorruptDataError } from '../../../error/corrupt-data-error.js';
import type { DType, FixedDType } from '../../../tensor/dtype.js';
import { elementBytes } from '../../../tensor/dtype.js';
import { elementCount } from '../../../tensor/tensor.js';
import type { ByteSource } from '../../byte-source.js';
import type { BundleEntry } from '../bundle-entry.js';
import { entryPlace } from '../index/bundle-index.js';
import { type OpenedBundle, readableDType } from '../opened-bundle.js';
import { locateWhole, readStrings, readWhole } from '../read-whole.js';
import { scatterBox } from './scatter-box.js';
import { type SliceBox, sliceBoxes } from './slice-box.js';

/** One slice of a partitioned tensor and where it lies, in some data file. */
export interface TensorPart {
  readonly box: SliceBox;
  readonly entry: BundleEntry;
  readonly source: ByteSource;
  /** The slice, for error texts. */
  readonly where: string;
}

/**
 * Finds all parts of a partitioned tensor, without reading their elements.
 *
 * @throws CorruptDataError if one is missing or is not what the tensor says, or if they do not make up the tensor
 */
export function locateParts({ index, shards }: OpenedBundle, entry: BundleEntry, dtype: DType): TensorPart[] {
  const where = entryPlace(index.file, entry.name);
  const entries = index.parts.get(entry.name);
  const parts = sliceBoxes(entry.slices, entry.shape, where).map((box) => {
    const partWhere = `${where}, slice ${box.text}`;
    const part = entries?.get(box.text);
    if (part === undefined) throw new CorruptDataError('tensor-bundle', partWhere, 'the slice has no entry of its own');
    const partDType = readableDType(part);
    if (part.slices.length > 0 || partDType !== dtype || !isSameShape(part.shape, box.shape)) {
      const fault = `the slice is ${partDType} [${part.shape.join(', ')}], expected ${dtype} [${box.shape.join(', ')}]`;
      throw new CorruptDataError('tensor-bundle', partWhere, fault);
    }
    const source = dtype === 'string' ? shards.holding(part, partWhere) : locateWhole(shards, part, dtype, partWhere);
    return { box, entry: part, source, where: partWhere };
  });
  refuseShared(parts, where);
  return parts;
}

/** Reads the parts of a tensor of fixed-size elements into `into`, which has room for all of it. */
export function readParts(
  { crc32c }: OpenedBundle,
  parts: readonly TensorPart[],
  dtype: FixedDType,
  shape: readonly number[],
  into: Uint8Array,
): void {
  const width = elementBytes(dtype);
  for (const { box, entry, source, where } of parts) {
    let part: Uint8Array | undefined;
    if (entry.sizeBytes === 0) readWhole(source, entry, undefined, where, crc32c);
    scatterBox(box, shape, (from, to, count) => {
      const target = into.subarray(to * width, (to + count) * width);
      if (target.length === entry.sizeBytes) {
        // Whole rows lie in the tensor as they lie in the file.
        readWhole(source, entry, target, where, crc32c);
        return;
      }
      if (part === undefined) {
        part = new Uint8Array(entry.sizeBytes);
        readWhole(source, entry, part, where, crc32c);
      }
      target.set(part.subarray(from * width, (from + count) * width));
    });
  }
}

/** The strings of a partitioned tensor. */
export function readStringParts(
  { shards, crc32c }: OpenedBundle,
  parts: readonly TensorPart[],
  shape: readonly number[],
): Uint8Array[] {
  const values = new Array<Uint8Array>(elementCount(shape));
  for (const { box, entry, where } of parts) {
    const strings = readStrings(shards, entry, where, crc32c);
    scatterBox(box, shape, (from, to, count) => {
      for (let i = 0; i < count; i++) values[to + i] = strings[from + i] as Uint8Array;
    });
  }
  return values;
}

/** Parts over the same bytes would make a tensor that is far larger than its files. */
function refuseShared(parts: readonly TensorPart[], where: string): void {
  let needed = 0;
  let there = 0;
  for (const { entry } of parts) needed += entry.sizeBytes;
  for (const source of new Set(parts.map((part) => part.source))) there += source.sizeBytes;
  if (needed > there) {
    throw new CorruptDataError(
      'tensor-bundle',
      where,
      `slices of ${needed} bytes share the ${there} bytes of their files`,
    );
  }
}

function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}
