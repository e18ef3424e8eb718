import type { ProtoReader } from '../../protobuf/proto-reader.js';

/** A box in a tensor: one extent a dimension. */
export type TensorSlice = readonly SliceExtent[];

/** Part of a dimension; without a length, all of it. */
export interface SliceExtent {
  readonly start: number;
  readonly length: number | undefined;
}

/** Reads a `TensorSliceProto`: 1 repeated extent {1 start int64, 2 length int64}. */
export function decodeSlice(reader: ProtoReader): TensorSlice {
  const slice: SliceExtent[] = [];
  while (reader.next()) {
    if (reader.field === 1) slice.push(decodeExtent(reader.message()));
    else reader.skip();
  }
  return slice;
}

/** A slice as TensorFlow writes it in text, such as `0,2:-`: the first two of one dimension, all of the next. */
export function sliceText(slice: TensorSlice): string {
  return slice.map(({ start, length }) => (length === undefined ? '-' : `${start},${length}`)).join(':');
}

function decodeExtent(reader: ProtoReader): SliceExtent {
  let start = 0;
  let length: number | undefined;
  while (reader.next()) {
    if (reader.field === 1) start = reader.int64Number();
    else if (reader.field === 2) length = reader.int64Number();
    else reader.skip();
  }
  return { start: length === undefined ? 0 : start, length };
}
