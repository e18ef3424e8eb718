import type { SliceBox } from './slice-box.js';

/** A run of elements that lie side by side both in the box and in the whole tensor. */
export type CopyRun = (from: number, to: number, count: number) => void;

/**
 * Calls `copy` for each run of a box: `from` is an element of the box, `to` its place in the tensor of `shape`, both
 * row-major.
 */
export function scatterBox({ starts, shape: boxShape }: SliceBox, shape: readonly number[], copy: CopyRun): void {
  // Trailing dimensions that the box has whole make its runs longer.
  let rank = shape.length;
  let count = 1;
  while (rank > 0 && boxShape[rank - 1] === shape[rank - 1]) count *= shape[--rank] as number;
  if (rank > 0) count *= boxShape[rank - 1] as number;
  if (count === 0 || boxShape.includes(0)) return;
  const strides = new Array<number>(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = (strides[i + 1] as number) * (shape[i + 1] as number);

  let from = 0;
  scatter(0, 0);

  function scatter(dimension: number, offset: number): void {
    if (dimension >= rank - 1) {
      const start = dimension < rank ? (starts[dimension] as number) * (strides[dimension] as number) : 0;
      copy(from, offset + start, count);
      from += count;
      return;
    }
    for (let i = 0; i < (boxShape[dimension] as number); i++) {
      scatter(dimension + 1, offset + ((starts[dimension] as number) + i) * (strides[dimension] as number));
    }
  }
}
