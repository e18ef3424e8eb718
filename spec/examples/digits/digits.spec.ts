import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { env, setBackend, train } from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { accuracyOf } from '../../../docs/examples/digits/accuracy.js';
import { type Digits, PIXELS, takeDigits } from '../../../docs/examples/digits/digits.js';
import { drawDigits } from '../../../docs/examples/digits/drawn-digits.js';
import { decodeIdx, readMnist } from '../../../docs/examples/digits/idx.js';
import { MODELS } from '../../../docs/examples/digits/model.js';
import { smooth } from '../../../docs/examples/digits/pen.js';
import { DIGIT_VARIANTS } from '../../../docs/examples/digits/strokes.js';
import { random } from '../../../lib/session/random.js';
import { shuffledBatches } from '../../../lib/session/shuffled-batches.js';
import {
  checkBackend,
  classify,
  modelPart,
  modelVariables,
  optimizerPart,
  trainStep,
} from '../../../lib/tfjs/index.js';

env().set('PROD', true);

const test = suite('digits');

function idx(shape: readonly number[], values: readonly number[] | Uint8Array, type = 8): Uint8Array {
  const header = Buffer.alloc(4 + 4 * shape.length);
  header.set([0, 0, type, shape.length]);
  for (const [index, size] of shape.entries()) header.writeUInt32BE(size, 4 + 4 * index);
  return Buffer.concat([header, Uint8Array.from(values)]);
}

function inFolder(check: (folder: string, put: (name: string, bytes: Uint8Array) => void) => void): void {
  const folder = mkdtempSync(join(tmpdir(), 'digits-'));
  try {
    check(folder, (name, bytes) => writeFileSync(join(folder, name), bytes));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('decodeIdx reads what the bytes say, gzipped or not', () => {
  const bytes = idx([2, 3], [1, 2, 3, 4, 5, 6]);
  for (const file of [bytes, gzipSync(bytes)]) {
    const { shape, values } = decodeIdx(file, 'f', 2);
    assert.equal(shape, [2, 3]);
    assert.equal([...values], [1, 2, 3, 4, 5, 6]);
  }
});

test('decodeIdx refuses every other length, and names the file', () => {
  const bytes = idx([2, 3], [1, 2, 3, 4, 5, 6]);
  for (let length = 0; length < bytes.length; length++) {
    assert.throws(() => decodeIdx(bytes.subarray(0, length), 'some/file', 2), /^some\/file: |RangeError: some\/file: /);
  }
  assert.throws(() => decodeIdx(Buffer.concat([bytes, Buffer.alloc(1)]), 'f', 2), /f: announces \[2, 3\], but holds 7/);
  const zipped = gzipSync(bytes);
  for (let length = 2; length < zipped.length; length++) {
    assert.throws(() => decodeIdx(zipped.subarray(0, length), 'f', 2), /f: cannot be unzipped/);
  }
});

test('decodeIdx refuses what is no IDX file of bytes', () => {
  assert.throws(() => decodeIdx(Buffer.from('PNG image'), 'f', 2), /f: begins with 0x504e4720, expected 0x000008xx/);
  assert.throws(() => decodeIdx(idx([1], [1], 0x0d), 'f', 1), /f: begins with 0x00000d01/);
  assert.throws(() => decodeIdx(idx([1], [1]), 'f', 3), /f: has 1 dimensions, expected 3/);
  assert.throws(() => decodeIdx(idx([0xffffffff, 0xffffffff], []), 'f', 2), /f: announces .* more than 1 GiB/);
});

test('readMnist finds the usual names, with and without .gz', () => {
  inFolder((folder, put) => {
    assert.throws(() => readMnist(folder, 'train'), /expected train-images-idx3-ubyte or .*\.gz, found neither/);
    const images = Uint8Array.from({ length: 2 * PIXELS }, (_, index) => index % 251);
    put('train-images-idx3-ubyte.gz', gzipSync(idx([2, 28, 28], images)));
    put('train-labels-idx1-ubyte', idx([2], [7, 3]));
    const digits = readMnist(folder, 'train');
    assert.is(digits.count, 2);
    assert.equal([...digits.labels], [7, 3]);
    assert.equal(Buffer.compare(digits.images, images), 0);

    put('train-labels-idx1-ubyte', idx([3], [7, 3, 1]));
    assert.throws(() => readMnist(folder, 'train'), /labels-idx1-ubyte: has 3 labels for 2 images/);
    put('train-labels-idx1-ubyte', idx([2], [7, 10]));
    assert.throws(() => readMnist(folder, 'train'), /has the label 10/);
    put('train-images-idx3-ubyte', idx([2, 14, 56], images));
    assert.throws(() => readMnist(folder, 'train'), /images of 14 × 56, expected 28 × 28/);
    put('train-images-idx3-ubyte', idx([0, 28, 28], []));
    put('train-labels-idx1-ubyte', idx([0], []));
    assert.throws(() => readMnist(folder, 'train'), /has no images/);
  });
});

test('smooth passes through every point and keeps corners sharp', () => {
  const line = smooth([
    [0, 0],
    [1, 0],
    [1, 0],
    [1, 1],
  ]);
  assert.ok(line.some(([x, y]) => x === 1 && y === 0));
  // Two straight legs: a spline that ignored the corner would leave them.
  for (const [x, y] of line) assert.ok(y === 0 || x === 1, `${x}, ${y}`);
  assert.equal(line.at(-1), [1, 1]);
});

test('every digit can be written, and the shares of its variants make a hundred', () => {
  assert.is(DIGIT_VARIANTS.length, 10);
  for (const variants of DIGIT_VARIANTS) {
    assert.is(
      variants.reduce((sum, { share }) => sum + share, 0),
      100,
    );
    for (const { strokes } of variants) {
      for (const [x, y] of strokes.flat()) assert.ok(x >= 0 && x <= 1 && y >= 0 && y <= 1);
    }
  }
});

test('drawDigits draws the same digits from the same seed, and others from another', () => {
  const [some, more, other] = [drawDigits(50, random(1)), drawDigits(100, random(1)), drawDigits(50, random(2))];
  assert.is(Buffer.compare(some.images, more.images.subarray(0, some.images.length)), 0);
  assert.equal(some.labels, more.labels.subarray(0, 50));
  assert.is.not(Buffer.compare(some.images, other.images), 0);
});

test('drawDigits fills the image as MNIST does: clean paper, ink within the frame, all digits', () => {
  const { count, images, labels } = drawDigits(2000, random(3));
  const counts = new Array<number>(10).fill(0);
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1;
  for (const one of counts) assert.ok(one > 150 && one < 250, String(counts));
  let [ink, atFrame] = [0, 0];
  for (let index = 0; index < count; index++) {
    const image = images.subarray(index * PIXELS, (index + 1) * PIXELS);
    assert.ok(image[0] === 0 && image[PIXELS - 1] === 0, 'corners are paper');
    assert.ok(
      image.some((value) => value > 200),
      'strokes are dark',
    );
    for (const [pixel, value] of image.entries()) {
      ink += value / 255;
      const [x, y] = [pixel % 28, Math.floor(pixel / 28)];
      if (x === 0 || y === 0 || x === 27 || y === 27) atFrame += value / 255;
    }
  }
  const mean = ink / (count * PIXELS);
  // The mean of MNIST's pixels is 0.1307.
  assert.ok(mean > 0.09 && mean < 0.17, `mean ink ${mean}`);
  assert.ok(atFrame / ink < 0.001, `ink at the frame ${atFrame / ink}`);
});

test('takeDigits gives ink from 0 to 1 in the order asked for', () => {
  const digits = drawDigits(5, random(1));
  const { inputs, labels } = takeDigits(digits, Uint32Array.of(4, 0));
  assert.equal(labels, Uint8Array.of(digits.labels[4] ?? 0, digits.labels[0] ?? 0));
  for (const [row, index] of [4, 0].entries()) {
    for (let pixel = 0; pixel < PIXELS; pixel++) {
      assert.is(inputs[row * PIXELS + pixel], Math.fround((digits.images[index * PIXELS + pixel] ?? 0) / 255));
    }
  }
});

for (const [name, make] of Object.entries(MODELS)) {
  test(`${name} is the same model for the same seed, and learns drawn digits on wasm`, async () => {
    assert.ok(await setBackend('wasm'));
    const [first, second, third] = [make(1), make(1), make(2)];
    const kernels = [first, second, third].map((model) => [...modelVariables(model).values()][0]?.dataSync());
    assert.equal(kernels[0], kernels[1]);
    assert.not.equal(kernels[0], kernels[2]);
    checkBackend(first);
    const accuracy = learn(first, drawDigits(1500, random(1, 'train')), drawDigits(500, random(1, 'test')));
    assert.ok(accuracy > 0.85, `${accuracy}`);
    for (const model of [first, second, third]) model.dispose();
  });
}

function learn(model: ReturnType<typeof MODELS.mlp>, digits: Digits, test: Digits): number {
  const state = { model: modelPart(model), optimizer: optimizerPart(train.adam(0.003), { model }) };
  const step = trainStep({
    forward: classify,
  });
  const cursor = shuffledBatches({
    size: digits.count,
    batchSize: 50,
    seed: 1,
    epochs: 4,
    take: (indices) => takeDigits(digits, indices),
  }).open();
  for (let result = cursor.next(); 'done' in result && result.done !== true; result = cursor.next()) {
    step({ state, batch: result.value });
  }
  state.optimizer.dispose();
  return accuracyOf(model, test);
}

test.run();
