import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkJson } from '../../lib/checkpoint/check-json.js';
import { UnsavableStateError } from '../../lib/error/unsavable-state-error.js';
import type { Json } from '../../lib/tensor/json.js';

const test = suite('checkJson');

function faultOf(part: unknown): string | undefined {
  try {
    checkJson({ json: { parts: { input: part } } as Json });
    return undefined;
  } catch (error) {
    assert.instance(error, UnsavableStateError);
    return (error as Error).message;
  }
}

test('takes what comes back as it is', () => {
  const shared = [1];
  const sound: readonly unknown[] = [
    null,
    true,
    '',
    0,
    -1.5,
    Number.MAX_VALUE,
    [],
    {},
    [[[]], { a: { b: [null] } }],
    { left: undefined, 'a key': 1, __proto__x: 2 },
    Object.assign(Object.create(null), { a: 1 }),
    // Twice in one state, but not in itself.
    { first: shared, second: shared },
  ];
  for (const value of sound) {
    assert.is(faultOf(value), undefined);
    assert.equal(JSON.parse(JSON.stringify(value)), JSON.parse(JSON.stringify(structuredClone({ ...[value] })))[0]);
  }
});

const cyclic: Record<string, unknown> = {};
cyclic['deep'] = [{ cyclic }];
const holed: unknown[] = [1, 2];
holed[3] = 4;

const UNSOUND: readonly (readonly [string, unknown, RegExp])[] = [
  ['undefined', undefined, /\(undefined at \.\)/],
  ['NaN', { a: [0, Number.NaN] }, /\(NaN at \.a\[1\]\)/],
  ['an infinity', { a: Number.NEGATIVE_INFINITY }, /\(-Infinity at \.a\)/],
  ['a function', [() => 0], /\(a function at \[0\]\)/],
  ['a symbol', { s: Symbol('s') }, /\(a symbol at \.s\)/],
  ['a bigint', { b: 1n }, /\(a bigint at \.b\)/],
  ['a map', { m: new Map([['a', 1]]) }, /\(a Map at \.m\)/],
  ['a set', new Set(), /\(a Set at \.\)/],
  ['a date', { d: new Date(0) }, /\(a Date at \.d\)/],
  ['a typed array', { 'my key': new Float32Array(1) }, /\(a Float32Array at \["my key"\]\)/],
  ['an object of a class', { e: new Error('x') }, /\(a Error at \.e\)/],
  ['a hole in an array', { holed }, /\(undefined at \.holed\[2\]\)/],
  ['a cycle', cyclic, /\(a reference to what holds it at \.deep\[0\]\.cyclic\)/],
];

for (const [what, value, message] of UNSOUND) {
  test(`refuses ${what}, and names the place`, () => {
    assert.match(faultOf(value) ?? 'nothing', message);
  });
}

test('names the part of the state, a hook as a hook', () => {
  const json = { parts: { input: 1, 'hook/early': { best: Number.NaN } } } as Json;
  try {
    checkJson({ json });
    assert.unreachable('expected a failure');
  } catch (error) {
    assert.match((error as Error).message, 'hook "early": its state cannot be saved (NaN at .best)');
  }
});

test.run();
