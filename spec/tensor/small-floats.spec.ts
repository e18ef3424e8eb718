import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeSmallFloats } from '../../lib/tensor/decode-small-floats.js';
import { encodeSmallFloats } from '../../lib/tensor/encode-small-floats.js';
import { SMALL_FLOATS, type SmallFloat, smallFloatLayout } from '../../lib/tensor/small-float.js';

const test = suite('decodeSmallFloats and encodeSmallFloats');

function allPatterns(dtype: SmallFloat): Uint8Array {
  return smallFloatLayout(dtype).bytes === 1
    ? Uint8Array.from({ length: 256 }, (_, i) => i)
    : new Uint8Array(Uint16Array.from({ length: 65536 }, (_, i) => i).buffer);
}

function patternOf(dtype: SmallFloat, value: number): number {
  const bytes = encodeSmallFloats(dtype, Float32Array.of(value));
  return (bytes[0] as number) | ((bytes[1] ?? 0) << 8);
}

for (const dtype of SMALL_FLOATS) {
  const { bytes, kind } = smallFloatLayout(dtype);
  const half = 2 ** (8 * bytes - 1);
  const all = decodeSmallFloats(dtype, allPatterns(dtype));

  test(`${dtype}: every pattern comes back, NaNs with their payloads`, () => {
    const back = encodeSmallFloats(dtype, all);
    assert.equal(Buffer.compare(back, allPatterns(dtype)), 0);
  });

  test(`${dtype}: patterns of either sign are ordered as their values`, () => {
    for (let i = 1; i < half; i++) {
      const [low, high] = [all[i - 1] as number, all[i] as number];
      if (Number.isNaN(high)) continue;
      assert.ok(high > low, `${i}`);
      assert.is(all[half + i], -high);
    }
    assert.is(all[0], 0);
    assert.ok(Object.is(all[half], kind === 'fnuz' ? Number.NaN : -0));
  });

  test(`${dtype}: rounds to the nearest, ties to even, between all neighbours`, () => {
    let pairs = 0;
    for (let i = 1; i < half; i++) {
      const [low, high] = [all[i - 1] as number, all[i] as number];
      if (!Number.isFinite(high)) break;
      pairs++;
      const middle = (low + high) / 2;
      const [below, above] = neighbours(middle);
      for (const sign of [1, -1]) {
        const to = (pattern: number): number =>
          pattern === 0 && kind === 'fnuz' ? 0 : pattern + (sign < 0 ? half : 0);
        const even = i % 2 === 0 ? i : i - 1;
        assert.is(patternOf(dtype, sign * high), to(i));
        // bfloat16's smallest are float32's smallest: the middle of two is itself a float32 there too.
        assert.is(patternOf(dtype, sign * middle), to(even), `${sign} middle of ${i}`);
        assert.is(patternOf(dtype, sign * below), to(i - 1), `${sign} below the middle of ${i}`);
        assert.is(patternOf(dtype, sign * above), to(i), `${sign} above the middle of ${i}`);
      }
    }
    const spare = kind === 'ieee' ? 2 ** smallFloatLayout(dtype).mantissaBits : kind === 'fn' ? 1 : 0;
    assert.is(pairs, half - 1 - spare);
  });

  test(`${dtype}: what is too large becomes infinity, or NaN where there is none`, () => {
    const finite = [...all.slice(0, half)].filter(Number.isFinite);
    const max = finite.at(-1) as number;
    const unit = max - (finite.at(-2) as number);
    // Had the type one more exponent, the next value would be `max + unit`; the middle goes to the even one.
    const middle = max + unit / 2;
    const isMaxEven = patternOf(dtype, max) % 2 === 0;
    const over = kind === 'ieee' ? Infinity : Number.NaN;
    for (const sign of [1, -1]) {
      const rounded = (value: number): number =>
        decodeSmallFloats(dtype, encodeSmallFloats(dtype, Float32Array.of(sign * value)))[0] as number;
      assert.ok(Object.is(rounded(neighbours(middle)[0]), sign * max));
      assert.ok(Object.is(rounded(middle), isMaxEven ? sign * max : sign * over));
      for (const value of [neighbours(middle)[1], 3.4028234663852886e38, Infinity]) {
        if (value > max) assert.ok(Object.is(rounded(value), sign * over), `${value}`);
      }
    }
  });

  test(`${dtype}: NaN stays NaN, whatever its payload`, () => {
    const bits = Uint32Array.of(0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0x7fa00000);
    for (const value of decodeSmallFloats(dtype, encodeSmallFloats(dtype, new Float32Array(bits.buffer)))) {
      assert.ok(Number.isNaN(value));
    }
  });
}

// Largest, smallest normal and smallest value: what the layouts' definitions come to.
const LIMITS: Readonly<Record<SmallFloat, readonly [max: number, minNormal: number, min: number]>> = {
  float16: [65504, 2 ** -14, 2 ** -24],
  bfloat16: [3.3895313892515355e38, 2 ** -126, 2 ** -133],
  float8_e5m2: [57344, 2 ** -14, 2 ** -16],
  float8_e4m3fn: [448, 2 ** -6, 2 ** -9],
  float8_e4m3fnuz: [240, 2 ** -7, 2 ** -10],
  float8_e4m3b11fnuz: [30, 2 ** -10, 2 ** -13],
  float8_e5m2fnuz: [57344, 2 ** -15, 2 ** -17],
};

for (const dtype of SMALL_FLOATS) {
  test(`${dtype}: has the limits of its definition`, () => {
    const { bytes, mantissaBits } = smallFloatLayout(dtype);
    const all = decodeSmallFloats(dtype, allPatterns(dtype)).slice(0, 2 ** (8 * bytes - 1));
    const [max, minNormal, min] = LIMITS[dtype];
    assert.is(Math.max(...[...all].filter(Number.isFinite)), max);
    assert.is(all[2 ** mantissaBits], minNormal);
    assert.is(all[1], min);
  });
}

test('float16: agrees with NumPy 2.4.6 on every pattern and on 2^20 float32', () => {
  const widened = new Uint32Array(decodeSmallFloats('float16', allPatterns('float16')).buffer);
  const plain = widened.map((bits) => ((bits & 0x7fffffff) > 0x7f800000 ? 0x7fc00000 : bits));
  assert.is(digest(plain), '385ff5fe69182797cda5f1827e20cf423f4416bc9246f27d0eec27cac9039259');

  const bits = Uint32Array.from({ length: 1 << 20 }, (_, i) => (Math.imul(i, 2654435761) + 12345) >>> 0);
  const narrowed = new Uint16Array(encodeSmallFloats('float16', new Float32Array(bits.buffer)).buffer);
  for (let i = 0; i < bits.length; i++) {
    if (((bits[i] as number) & 0x7fffffff) > 0x7f800000) narrowed[i] = 0x7e00;
  }
  assert.is(digest(narrowed), '6108e26092339c5e6bc5ed8141e0935ac07d0b973c1f5d5f3e428656be3f9fd4');
});

test('bfloat16 is the upper half of a float32', () => {
  const widened = new Uint32Array(decodeSmallFloats('bfloat16', allPatterns('bfloat16')).buffer);
  for (let i = 0; i < 65536; i++) assert.is(widened[i], (i << 16) >>> 0);
});

test('agrees with what TensorFlow 2.21 says of its own file', () => {
  const files: readonly [SmallFloat, string, readonly number[]][] = [
    [
      'bfloat16',
      'f6bfc07f807f80ff0080163d663f6fbe',
      [-1.921875, Number.NaN, Infinity, -Infinity, -0, 0.03662109375, 0.8984375, -0.2333984375],
    ],
    [
      'float16',
      '5b38007e007c00fc0080ec33653c23bd',
      [0.54443359375, Number.NaN, Infinity, -Infinity, -0, 0.24755859375, 1.0986328125, -1.2841796875],
    ],
    ['float8_e4m3fn', 'a835ae892bb6329d', [-0.25, 0.8125, -0.4375, -0.017578125, 0.34375, -0.875, 0.625, -0.1015625]],
    ['float8_e5m2', '38ba3e3b39363cbd', [0.5, -0.75, 1.5, 0.875, 0.625, 0.375, 1, -1.25]],
  ];
  for (const [dtype, hex, values] of files) {
    const decoded = [...decodeSmallFloats(dtype, Uint8Array.from(Buffer.from(hex, 'hex')))];
    assert.is(decoded.length, values.length);
    for (const [i, value] of values.entries()) assert.ok(Object.is(decoded[i], value), `${dtype} ${i}`);
  }
});

test('reads from any alignment and refuses half an element', () => {
  assert.equal([...decodeSmallFloats('float16', Uint8Array.of(9, 0, 0x3c, 0, 0xc0).subarray(1))], [1, -2]);
  assert.throws(() => decodeSmallFloats('bfloat16', new Uint8Array(3)), /expected a multiple of 2 bytes, received 3/);
  assert.throws(() => decodeSmallFloats('float32' as SmallFloat, new Uint8Array(4)), /8 or 16 bits, received float32/);
  assert.throws(() => encodeSmallFloats('int8' as SmallFloat, new Float32Array(1)), /8 or 16 bits, received int8/);
});

/** The float32 values beside a positive one. */
function neighbours(value: number): [below: number, above: number] {
  const float = Float32Array.of(value);
  assert.is(float[0], value, 'the value is a float32');
  const bits = new Uint32Array(float.buffer);
  const at = bits[0] as number;
  bits[0] = at - 1;
  const below = float[0] as number;
  bits[0] = at + 1;
  return [below, float[0] as number];
}

function digest(array: Uint16Array | Uint32Array): string {
  return createHash('sha256').update(array).digest('hex');
}

test.run();
