// Reads what encode-entry.ts writes, and what only TensorFlow writes.

import { CodedError } from '../../../error/coded-error.js';
import { UnsupportedDataError } from '../../../error/unsupported-data-error.js';
import type { DType } from '../../../tensor/dtype.js';
import { elementCount } from '../../../tensor/tensor.js';
import { dtypeOfNumber } from '../../dtype-number.js';
import { ProtoReader } from '../../protobuf/proto-reader.js';
import type { BundleEntry, UnreadableDType } from '../bundle-entry.js';
import { decodeSlice, type TensorSlice } from '../slice/tensor-slice.js';

/** TensorShape's limit: a rank is a byte, and 255 stands for an unknown one. */
export const MAX_RANK = 254;
/** From here on the numbers are those of references to tensors, which no file holds. */
const FIRST_REFERENCE = 100;
const UNREADABLE: ReadonlyMap<number, UnreadableDType> = new Map([
  [20, 'resource'],
  [21, 'variant'],
  [31, 'int2'],
  [32, 'uint2'],
  [33, 'float4_e2m1fn'],
]);

/** A {@link BundleEntry} in the making. */
interface Draft {
  readonly name: string;
  dtype: DType | UnreadableDType;
  readonly shape: number[];
  shard: number;
  offset: number;
  sizeBytes: number;
  crc32c: number;
  readonly slices: TensorSlice[];
  fault: CodedError | undefined;
}

/**
 * Reads an entry. A fault in it is put down in the result, not thrown, so that the other tensors stay within reach.
 *
 * @param where the entry, for error texts
 * @param shardCount the number of data files
 * @param warnings takes a sentence if there are fields that are not known
 */
export function decodeEntry(
  name: string,
  bytes: Uint8Array,
  where: string,
  shardCount: number,
  warnings: string[],
): BundleEntry {
  const draft: Draft = {
    name,
    dtype: 'unknown',
    shape: [],
    shard: 0,
    offset: 0,
    sizeBytes: 0,
    crc32c: 0,
    slices: [],
    fault: undefined,
  };
  try {
    const hasUnknownFields = decodeFields(new ProtoReader(bytes, 'tensor-bundle', where), draft, shardCount);
    if (hasUnknownFields) warnings.push(`${name}: unknown fields`);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    draft.fault = error;
  }
  return draft;
}

/** Fills in `draft`; returns whether there are unknown fields. */
function decodeFields(reader: ProtoReader, draft: Draft, shardCount: number): boolean {
  let number = 0;
  let isRankKnown = true;
  let hasUnknownFields = false;
  while (reader.next()) {
    if (reader.field === 1) number = reader.int32();
    else if (reader.field === 2) isRankKnown = decodeShape(reader.message(), draft.shape) && isRankKnown;
    else if (reader.field === 3) draft.shard = reader.int32();
    else if (reader.field === 4) draft.offset = reader.int64Number();
    else if (reader.field === 5) draft.sizeBytes = reader.int64Number();
    else if (reader.field === 6) draft.crc32c = reader.fixed32();
    else if (reader.field === 7) draft.slices.push(decodeSlice(reader.message()));
    else {
      hasUnknownFields = true;
      reader.skip();
    }
  }

  const dtype = dtypeOfNumber(number);
  draft.dtype = dtype ?? UNREADABLE.get(number) ?? 'unknown';
  checkPlace(reader, draft, shardCount);
  checkShape(reader, draft.shape, isRankKnown);
  if (number < 1 || number > FIRST_REFERENCE) throw reader.corrupt(`dtype number ${number}`);
  if (dtype === undefined) {
    const kind = draft.dtype === 'unknown' ? `dtype number ${number}` : `dtype ${draft.dtype}`;
    throw new UnsupportedDataError(reader.format, reader.where, `cannot read tensors of ${kind}`);
  }
  return hasUnknownFields;
}

function checkPlace(reader: ProtoReader, { shard, offset, sizeBytes, slices }: Draft, shardCount: number): void {
  if (offset < 0 || sizeBytes < 0) {
    throw reader.corrupt(`bytes [${offset}, ${offset + sizeBytes}) lie outside of any file`);
  }
  // A merge leaves a number without meaning where the slices have numbers of their own.
  if (slices.length === 0 && (shard < 0 || shard >= shardCount)) {
    throw reader.corrupt(`shard_id ${shard} of ${shardCount}`);
  }
}

function checkShape(reader: ProtoReader, shape: readonly number[], isRankKnown: boolean): void {
  if (shape.length > MAX_RANK) throw reader.corrupt(`rank ${shape.length} is over ${MAX_RANK}`);
  if (!isRankKnown || shape.some((size) => size < 0)) throw reader.corrupt('shape is not fully known');
  try {
    elementCount(shape);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw reader.corrupt(`shape [${shape.join(', ')}] has too many elements`);
  }
}

/** Adds the dimensions to `shape`, as protobuf merges a message that comes twice; `false` if the rank is unknown. */
function decodeShape(reader: ProtoReader, shape: number[]): boolean {
  let isRankKnown = true;
  while (reader.next()) {
    if (reader.field === 2) shape.push(decodeDimension(reader.message()));
    else if (reader.field === 3) isRankKnown = !reader.bool();
    else reader.skip();
  }
  return isRankKnown;
}

function decodeDimension(reader: ProtoReader): number {
  let size = 0;
  while (reader.next()) {
    if (reader.field === 1) size = reader.int64Number();
    else reader.skip();
  }
  return size;
}
