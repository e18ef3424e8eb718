// Reads what encode-entry.ts writes, and what only TensorFlow writes.

import { CodedError } from '../../error/coded-error.js';
import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import type { DType } from '../../tensor/dtype.js';
import { elementCount } from '../../tensor/tensor.js';
import { dtypeOfNumber } from '../dtype-number.js';
import { ProtoReader } from '../protobuf/proto-reader.js';
import type { UnreadableDType } from './bundle-entry.js';
import { decodeSlice, type TensorSlice } from './tensor-slice.js';

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

export interface DecodedEntry {
  dtype: DType | UnreadableDType;
  readonly shape: number[];
  shard: number;
  offset: number;
  sizeBytes: number;
  crc32c: number;
  readonly slices: TensorSlice[];
  hasUnknownFields: boolean;
  fault: CodedError | undefined;
}

/**
 * Reads an entry. A fault in it is put down in the result, not thrown, so that the other tensors stay within reach.
 *
 * @param shardCount the number of data files
 */
export function decodeEntry(bytes: Uint8Array, where: string, shardCount: number): DecodedEntry {
  const reader = new ProtoReader(bytes, 'tensor-bundle', where);
  const entry: DecodedEntry = {
    dtype: 'unknown',
    shape: [],
    shard: 0,
    offset: 0,
    sizeBytes: 0,
    crc32c: 0,
    slices: [],
    hasUnknownFields: false,
    fault: undefined,
  };
  try {
    decodeFields(reader, entry, shardCount);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    entry.fault = error;
  }
  return entry;
}

function decodeFields(reader: ProtoReader, entry: DecodedEntry, shardCount: number): void {
  let number = 0;
  let isRankKnown = true;
  while (reader.next()) {
    if (reader.field === 1) number = reader.int32();
    else if (reader.field === 2) isRankKnown = decodeShape(reader.message(), entry.shape) && isRankKnown;
    else if (reader.field === 3) entry.shard = reader.int32();
    else if (reader.field === 4) entry.offset = reader.int64Number();
    else if (reader.field === 5) entry.sizeBytes = reader.int64Number();
    else if (reader.field === 6) entry.crc32c = reader.fixed32();
    else if (reader.field === 7) entry.slices.push(decodeSlice(reader.message()));
    else {
      entry.hasUnknownFields = true;
      reader.skip();
    }
  }

  const dtype = dtypeOfNumber(number) ?? UNREADABLE.get(number);
  if (number < 1 || number > FIRST_REFERENCE) throw reader.corrupt(`dtype number ${number}`);
  if (!isRankKnown || entry.shape.some((size) => size < 0)) throw reader.corrupt('shape is not fully known');
  if (entry.shape.length > MAX_RANK) throw reader.corrupt(`rank ${entry.shape.length} is over ${MAX_RANK}`);
  if (!isCountable(entry.shape)) throw reader.corrupt(`shape [${entry.shape.join(', ')}] has too many elements`);
  if (entry.offset < 0 || entry.sizeBytes < 0) {
    throw reader.corrupt(`bytes [${entry.offset}, ${entry.offset + entry.sizeBytes}) lie outside of any file`);
  }
  // A merge leaves a number without meaning where the slices have numbers of their own.
  if (entry.slices.length === 0 && (entry.shard < 0 || entry.shard >= shardCount)) {
    throw reader.corrupt(`shard_id ${entry.shard} of ${shardCount}`);
  }

  entry.dtype = dtype ?? 'unknown';
  if (dtypeOfNumber(number) === undefined) {
    const kind = dtype === undefined ? `dtype number ${number}` : `dtype ${dtype}`;
    throw new UnsupportedDataError(reader.format, reader.where, `cannot read tensors of ${kind}`);
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

function isCountable(shape: readonly number[]): boolean {
  try {
    elementCount(shape);
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}
