import { argMax, Tensor, tensor2d, tidy } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import { encodePngs, imageValue, type SummaryValue, textValue } from '../../../lib/format/index.js';
import { type Digits, PIXELS, takeDigits } from './digits.js';

const LOOKED_AT = 500;
const COLUMNS = 8;
const ROWS = 3;
const SIDE = 28;

/** The first held-out digits that `model` reads wrongly, as one picture, and what it took them for. */
export function misreadDigits(model: LayersModel, digits: Digits): readonly SummaryValue[] {
  const size = Math.min(LOOKED_AT, digits.count);
  const { inputs, labels } = takeDigits(
    digits,
    Uint32Array.from({ length: size }, (_, index) => index),
  );
  const read = tidy(() => {
    const logits = model.predictOnBatch(tensor2d(inputs, [size, PIXELS]));
    if (!(logits instanceof Tensor)) throw new TypeError('misreadDigits(model): expected a model with one output');
    return argMax(logits, 1).dataSync();
  });
  const wrong = [...labels.keys()].filter((index) => read[index] !== labels[index]).slice(0, COLUMNS * ROWS);
  if (wrong.length === 0) return [];

  const rows = Math.ceil(wrong.length / COLUMNS);
  const sheet = new Uint8Array(rows * SIDE * COLUMNS * SIDE);
  for (const [place, index] of wrong.entries()) {
    const corner = Math.floor(place / COLUMNS) * SIDE * COLUMNS * SIDE + (place % COLUMNS) * SIDE;
    for (let y = 0; y < SIDE; y++) {
      const from = index * PIXELS + y * SIDE;
      sheet.set(digits.images.subarray(from, from + SIDE), corner + y * COLUMNS * SIDE);
    }
  }
  const pictures = encodePngs({ shape: [1, rows * SIDE, COLUMNS * SIDE, 1], data: sheet });
  const table = wrong.map((index) => [String(index), String(labels[index]), String(read[index])]);
  return [imageValue('misread', pictures), textValue('misread/as', [['digit', 'is', 'read as'], ...table])];
}
