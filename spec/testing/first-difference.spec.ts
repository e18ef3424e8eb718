import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StepEvent } from '../../lib/session/event.js';
import { fakeRun } from '../../lib/testing/fake-run.js';
import { firstDifference } from '../../lib/testing/first-difference.js';

const test = suite('firstDifference');

const symbol = Symbol('key');

class Point {
  constructor(
    readonly x: number,
    readonly y: number,
  ) {}
}
class Tagged {
  constructor(
    readonly x: number,
    tag: unknown,
  ) {
    Object.assign(this, { [symbol]: tag });
  }
}
class OtherPoint extends Point {}

const cyclic = (value: number): object => {
  const ring: Record<string, unknown> = { value };
  ring['self'] = ring;
  return ring;
};

const equal: [name: string, a: unknown, b: unknown][] = [
  ['NaN', Number.NaN, Number.NaN],
  ['zeros', 0, -0],
  ['text', 'a', 'a'],
  ['nested', { a: [1, { b: 2 }] }, { a: [1, { b: 2 }] }],
  ['order of fields', { a: 1, b: 2 }, { b: 2, a: 1 }],
  ['instances', new Point(1, 2), new Point(1, 2)],
  ['instances with other things under symbols', new Tagged(1, 'a'), new Tagged(1, 'b')],
  ['dates', new Date(5), new Date(5)],
  ['patterns', /a/g, /a/g],
  ['errors', new RangeError('x', { cause: [1] }), new RangeError('x', { cause: [1] })],
  ['typed arrays', Float32Array.of(1, Number.NaN), Float32Array.of(1, Number.NaN)],
  ['views', new Uint8Array(Uint8Array.of(9, 1, 2).buffer, 1), Uint8Array.of(1, 2)],
  ['buffers', Uint8Array.of(1).buffer, Uint8Array.of(1).buffer],
  [
    'maps in another order',
    new Map([
      ['a', [1]],
      ['b', [2]],
    ]),
    new Map([
      ['b', [2]],
      ['a', [1]],
    ]),
  ],
  ['maps with object keys', new Map([[{ k: 1 }, 1]]), new Map([[{ k: 1 }, 1]])],
  ['sets of objects', new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 2 }, { a: 1 }])],
  ['cycles', cyclic(1), cyclic(1)],
  ['symbol keys', { [symbol]: 1 }, { [symbol]: 1 }],
  [
    'events of two runs',
    new StepEvent(fakeRun(), {}, 2, 1, { loss: 1 }),
    new StepEvent(fakeRun(), {}, 2, 1, { loss: 1 }),
  ],
];
for (const [name, a, b] of equal) {
  test(`finds none: ${name}`, () => assert.is(firstDifference(a, b), undefined));
}

const different: [name: string, a: unknown, b: unknown, path: string][] = [
  ['numbers', 1, 2, ''],
  ['null and object', null, {}, ''],
  ['field', { a: { b: 1 } }, { a: { b: 2 } }, '.a.b'],
  ['extra field', { a: 1, b: undefined }, { a: 1 }, '.b'],
  ['missing field', { a: 1 }, { a: 1, b: undefined }, '.b'],
  ['element', [1, [2, 3]], [1, [2, 4]], '[1][1]'],
  ['length', [1], [1, 2], '.length'],
  ['class', new Point(1, 2), new OtherPoint(1, 2), ''],
  ['array and object', [], {}, ''],
  ['date', new Date(1), new Date(2), ''],
  ['pattern flags', /a/g, /a/i, ''],
  ['error message', new Error('a'), new Error('b'), '.message'],
  ['error cause', new Error('a', { cause: 1 }), new Error('a', { cause: 2 }), '.cause'],
  ['error class', new Error('a'), new TypeError('a'), ''],
  ['bytes', Float32Array.of(1, 2), Float32Array.of(1, 3), ' (byte 6)'],
  ['sign of a zero in bytes', Float64Array.of(0), Float64Array.of(-0), ' (byte 7)'],
  ['typed array class', Uint8Array.of(1), Int8Array.of(1), ''],
  ['map value', new Map([['a', 1]]), new Map([['a', 2]]), '.get(a)'],
  ['map key', new Map([['a', 1]]), new Map([['b', 1]]), '.get(a)'],
  ['map size', new Map(), new Map([['b', 1]]), '.size'],
  ['one partner each', new Set([{ a: 1 }, { a: 1 }]), new Set([{ a: 1 }, { a: 2 }]), ''],
  ['cycle value', cyclic(1), cyclic(2), '.value'],
  ['symbol key', { [symbol]: 1 }, { [symbol]: 2 }, '[Symbol(key)]'],
  ['promises', Promise.resolve(1), Promise.resolve(1), ''],
  ['functions', () => 1, () => 1, ''],
  ['event step', new StepEvent(fakeRun(), {}, 2, 1, 0), new StepEvent(fakeRun(), {}, 3, 1, 0), '.globalStep'],
];
for (const [name, a, b, path] of different) {
  test(`finds: ${name}`, () => assert.is(firstDifference(a, b), path));
}

test('does not take a pair for equal that it found different before', () => {
  const actual = [{ x: 1 }, { x: 2 }];
  const expected = [{ x: 2 }, { x: 1 }];
  // In search of a partner, the set compares the very pair that comes after it.
  assert.is(firstDifference([new Set(actual), actual[0]], [new Set(expected), expected[0]]), '[1].x');
});

test.run();
