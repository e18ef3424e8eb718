// What the index says of a tensor: BundleEntryProto.
//
//     1 dtype enum, 2 shape {2 repeated dim {1 size int64}}, 3 shard_id int32, 4 offset int64, 5 size int64,
//     6 crc32c fixed32, 7 repeated slices
//
// The shape of a scalar is there and empty, a dimension of 0 likewise; other fields at 0 are left out.
//
// Source: TensorFlow, tensorflow/core/protobuf/tensor_bundle.proto. Read by decode-entry.ts.

import type { TensorSpec } from '../../../tensor/tensor.js';
import { dtypeNumber } from '../../dtype-number.js';
import type { ProtoWriter } from '../../protobuf/proto-writer.js';

/** Where the bytes of a tensor lie in the only data file; `crc32c` is masked. */
export interface TensorPlace {
  readonly offset: number;
  readonly sizeBytes: number;
  readonly crc32c: number;
}

export function encodeEntry(
  target: ProtoWriter,
  { dtype, shape }: TensorSpec,
  { offset, sizeBytes, crc32c }: TensorPlace,
): void {
  target.int64(1, dtypeNumber(dtype));
  const shapeStart = target.begin(2);
  for (const size of shape) {
    const dimension = target.begin(2);
    if (size !== 0) target.int64(1, size);
    target.end(dimension);
  }
  target.end(shapeStart);
  if (offset !== 0) target.int64(4, offset);
  if (sizeBytes !== 0) target.int64(5, sizeBytes);
  if (crc32c !== 0) target.fixed32(6, crc32c);
}
