/** Grey images of digits, 28 × 28, and what they show. */
export interface Digits {
  readonly count: number;
  /** `[count, 28, 28]`: 0 is paper, 255 is ink. */
  readonly images: Uint8Array;
  /** `[count]`: 0 to 9. */
  readonly labels: Uint8Array;
}

export const PIXELS = 28 * 28;

/** What a model takes of some digits: ink from 0 to 1, `[indices.length, 784]`, and their labels. */
export interface DigitBatch {
  readonly inputs: Float32Array;
  readonly labels: Uint8Array;
}

/** Takes the digits at `indices`, in that order; copies. */
export function takeDigits({ images, labels }: Digits, indices: ArrayLike<number>): DigitBatch {
  const batch = { inputs: new Float32Array(indices.length * PIXELS), labels: new Uint8Array(indices.length) };
  for (let row = 0; row < indices.length; row++) {
    const index = indices[row] as number;
    batch.labels[row] = labels[index] as number;
    const [from, to] = [index * PIXELS, row * PIXELS];
    for (let pixel = 0; pixel < PIXELS; pixel++) batch.inputs[to + pixel] = (images[from + pixel] as number) / 255;
  }
  return batch;
}
