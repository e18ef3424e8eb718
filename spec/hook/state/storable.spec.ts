import * as fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeStorable } from '../../../lib/hook/state/decode-storable.js';
import { encodeStorable } from '../../../lib/hook/state/encode-storable.js';
import { shapeDifferences } from '../../../lib/hook/state/shape-differences.js';
import type { PartState } from '../../../lib/tensor/part-state.js';

const test = suite('storable state');

/** As a checkpoint gives it back: JSON by way of text, tensors in other memory. */
function saved(value: unknown): PartState {
  const { json, tensors } = encodeStorable('k', value);
  const copies = [...tensors].map(([name, tensor]) => {
    if (tensor.dtype === 'string') throw new Error('no strings are made');
    const shifted = new Uint8Array(tensor.bytes.length + 1).subarray(1);
    shifted.set(tensor.bytes);
    return [name, { ...tensor, bytes: shifted }] as const;
  });
  return { json: JSON.parse(JSON.stringify(json)), tensors: new Map(copies) };
}

const number = fc.oneof(
  fc.double(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constant(null),
    fc.boolean(),
    fc.string(),
    number,
    fc.float32Array({ maxLength: 5 }),
    fc.float64Array({ maxLength: 3 }),
    fc.int32Array({ maxLength: 3 }),
    fc.bigInt64Array({ maxLength: 2 }),
    fc.uint8Array({ maxLength: 4 }).map((bytes) => ({ dtype: 'bfloat16', shape: [bytes.length / 2], bytes })),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.string().filter((name) => !name.startsWith('$') && name !== '__proto__'),
      tie('value'),
      { maxKeys: 4, noNullPrototype: true },
    ),
    fc.array(fc.tuple(fc.string(), tie('value')), { maxLength: 3 }).map((entries) => new Map(entries)),
  ),
}));

test('comes back as it was, bit for bit', () => {
  void fc.assert(
    fc.property(value, (state) => {
      assert.equal(decodeStorable(saved(state)), state);
      assert.equal(shapeDifferences(state, state), []);
    }),
    { numRuns: 300, seed: 7 },
  );
});

test('keeps the numbers that JSON loses', () => {
  const restored = decodeStorable(saved([Number.NaN, -0, Number.NEGATIVE_INFINITY])) as number[];
  assert.ok(Number.isNaN(restored[0]));
  assert.ok(Object.is(restored[1], -0));
  assert.is(restored[2], Number.NEGATIVE_INFINITY);
});

test('names tensors by their place, and none twice', () => {
  const { tensors } = encodeStorable('k', { 'a/b': Float32Array.of(1), a: { b: Float32Array.of(2) } });
  assert.equal([...tensors.keys()], ['a/b', 'a/b~2']);
  assert.equal([...encodeStorable('k', Float32Array.of(1)).tensors.keys()], ['value']);
});

test('says which value cannot be saved, and where', () => {
  const loop: { self?: unknown } = {};
  loop.self = loop;
  for (const [state, place] of [
    [{ a: { b: () => 1 } }, /hook "k" at a\.b: .* received a function/],
    [[1, undefined], /at 1: .* received undefined/],
    [new Date(0), /hook "k": .* received a Date/],
    [{ $array: 1 }, /at \$array: .* received a key with \$/],
    [new Map([[1, 2]]), /received a number/],
    [loop, /at self: .* a reference to what holds it/],
    [{ n: 1n }, /received a bigint/],
  ] as const) {
    assert.throws(() => encodeStorable('k', state), place);
  }
});

test('refuses what it never makes', () => {
  for (const json of [
    { $number: '1' },
    { $array: 'gone' },
    { $map: [[1, 2]] },
    { $map: 3 },
    { $other: 1 },
    { $number: 'NaN', a: 1 },
  ]) {
    assert.throws(
      () => decodeStorable({ json, tensors: new Map() }),
      (error: unknown) => error instanceof TypeError,
    );
  }
  assert.throws(() => decodeStorable({ tensors: new Map() }), /no JSON/);
});

test('tells how a shape differs', () => {
  for (const [expected, found, differences] of [
    [{ a: 1 }, { a: 'x' }, ['it.a is a string, expected a number']],
    [{ a: 1 }, {}, ['it.a is missing']],
    [{}, { b: 1 }, ['it.b is not expected']],
    [{ a: null }, { a: [1] }, []],
    [[{ n: 1 }], [{ n: 2 }, { n: true }], ['it[1].n is a boolean, expected a number']],
    [[], [1, 'x'], []],
    [new Map([['x', 1]]), new Map<string, unknown>([['y', 'z']]), ['it.y is a string, expected a number']],
    [new Float32Array(2), new Float32Array(3), ['it has 12 bytes, expected 8']],
    [new Float32Array(0), new Float32Array(3), []],
    [new Float32Array(1), new Int32Array(1), ['it is an array of int32, expected an array of float32']],
    [1, null, ['it is null, expected a number']],
  ] as const) {
    assert.equal(shapeDifferences(expected, found), differences);
  }
});

test.run();
