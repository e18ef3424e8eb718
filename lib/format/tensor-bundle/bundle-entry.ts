import type { CodedError } from '../../error/coded-error.js';
import type { DType } from '../../tensor/dtype.js';
import type { TensorSlice } from './slice/tensor-slice.js';

/**
 * Kinds of tensor that TensorFlow has and that cannot be read here; `unknown` is a number that this version does not
 * know, or none at all.
 */
export const UNREADABLE_DTYPES = ['resource', 'variant', 'int2', 'uint2', 'float4_e2m1fn', 'unknown'] as const;

export type UnreadableDType = (typeof UNREADABLE_DTYPES)[number];

/** What the index of a bundle says of one tensor. */
export interface BundleEntry {
  /**
   * The tensor's name. TensorFlow allows any bytes; in a name that is not UTF-8 each byte b from 0x80 on is the lone
   * surrogate U+DC00 + b, which no other name can hold.
   */
  readonly name: string;
  readonly dtype: DType | UnreadableDType;
  /** `[d0, …, dn-1]`, `[]` for a scalar. */
  readonly shape: readonly number[];
  /** The data file, from 0; without a meaning if the tensor is {@link slices partitioned}. */
  readonly shard: number;
  /** From the start of the data file. */
  readonly offset: number;
  /** In the data file; of a partitioned tensor, all of its slices together. */
  readonly sizeBytes: number;
  /** The checksum of the bytes, masked as it is stored. */
  readonly crc32c: number;
  /** The boxes in which a partitioned tensor is stored; empty for one that is stored as a whole. */
  readonly slices: readonly TensorSlice[];
  /** What is wrong with the entry itself: reading the tensor throws it. */
  readonly fault: CodedError | undefined;
}
