import { CorruptDataError } from '../../../error/corrupt-data-error.js';
import { UnsupportedDataError } from '../../../error/unsupported-data-error.js';
import { elementCount } from '../../../tensor/tensor.js';
import { sliceText, type TensorSlice } from './tensor-slice.js';

/** Each pair is compared; TensorFlow's partitioners make hundreds. */
const MAX_SLICES = 10_000;

/** A slice with all lengths known. */
export interface SliceBox {
  /** As {@link sliceText} writes it. */
  readonly text: string;
  readonly starts: readonly number[];
  readonly shape: readonly number[];
}

/**
 * The boxes of a partitioned tensor, which are disjoint and cover it.
 *
 * @throws CorruptDataError if they are not
 * @throws UnsupportedDataError if there are more than 10,000
 */
export function sliceBoxes(slices: readonly TensorSlice[], shape: readonly number[], where: string): SliceBox[] {
  if (slices.length > MAX_SLICES) {
    throw new UnsupportedDataError('tensor-bundle', where, `${slices.length} slices are more than ${MAX_SLICES}`);
  }
  const boxes = slices.map((slice) => sliceBox(slice, shape, where));
  const whole = elementCount(shape);
  let covered = 0;
  for (const [i, box] of boxes.entries()) {
    covered += elementCount(box.shape);
    for (let j = 0; j < i; j++) {
      const other = boxes[j] as SliceBox;
      if (overlap(box, other)) corrupt(`slices ${other.text} and ${box.text} overlap`, where);
    }
  }
  if (covered !== whole) corrupt(`the slices cover ${covered} of ${whole} elements`, where);
  return boxes;
}

function sliceBox(slice: TensorSlice, shape: readonly number[], where: string): SliceBox {
  const text = sliceText(slice);
  if (slice.length !== shape.length) {
    corrupt(`slice ${text} of rank ${slice.length} in a tensor of rank ${shape.length}`, where);
  }
  const lengths = slice.map(({ start, length }, i) => {
    const size = shape[i] as number;
    const extent = length ?? size;
    if (start < 0 || extent < 0 || extent > size - start) corrupt(`slice ${text} lies outside of the shape`, where);
    return extent;
  });
  return { text, starts: slice.map(({ start }) => start), shape: lengths };
}

function overlap(a: SliceBox, b: SliceBox): boolean {
  return a.shape.every((length, i) => {
    const start = a.starts[i] as number;
    const otherStart = b.starts[i] as number;
    return Math.max(start, otherStart) < Math.min(start + length, otherStart + (b.shape[i] as number));
  });
}

function corrupt(fault: string, where: string): never {
  throw new CorruptDataError('tensor-bundle', where, fault);
}
