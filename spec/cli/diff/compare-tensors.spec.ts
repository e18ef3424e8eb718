import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { compareTensor, compareTensors } from '../../../lib/cli/diff/compare-tensors.js';
import { makeStringTensor, makeTensor } from '../../../lib/index.js';

const test = suite('compareTensors');

const floats = (...values: number[]) => makeTensor('float32', [values.length], Float32Array.from(values));

test('goes through the names of both, in order', () => {
  const differences = compareTensors(
    new Map([
      ['b', floats(1)],
      ['a', floats(1)],
    ]),
    new Map([
      ['b', floats(1)],
      ['c', floats(1)],
    ]),
  );
  assert.equal(
    differences.map(({ name, verdict }) => [name, verdict]),
    [
      ['a', 'onlyInA'],
      ['b', 'equal'],
      ['c', 'onlyInB'],
    ],
  );
});

test('counts representable numbers between two, across zero, too', () => {
  const tiny = 2 ** -149;
  const ulp = (x: number, y: number) => compareTensor('x', floats(x), floats(y)).maxUlp;
  assert.equal(
    [ulp(1, 1 + 2 ** -23), ulp(-1, -1 - 2 ** -23), ulp(tiny, -tiny), ulp(0, tiny), ulp(0, -0)],
    [1, 1, 2, 1, 0],
  );
  const a = makeTensor('float64', [1], Float64Array.of(1));
  const b = makeTensor('float64', [1], Float64Array.of(1 - 2 ** -53));
  assert.is(compareTensor('x', a, b).maxUlp, 1);
});

test('takes zeros of different signs, and different NaNs, for different bits', () => {
  assert.is(compareTensor('x', floats(0), floats(-0)).changed, 1);
  const nan = makeTensor('float32', [1], Uint32Array.of(0x7fc00001));
  assert.is(compareTensor('x', floats(Number.NaN), nan).verdict, 'values');
  assert.is(compareTensor('x', nan, nan).verdict, 'equal');
});

test('does not count what is not finite into the difference', () => {
  const { changed, maxAbs } = compareTensor('x', floats(1, Number.NaN, 3), floats(1.5, 2, Number.POSITIVE_INFINITY));
  assert.equal([changed, maxAbs], [3, 0.5]);
});

test('tells types and shapes apart', () => {
  const other = makeTensor('float32', [1, 2], Float32Array.of(1, 2));
  assert.is(compareTensor('x', floats(1, 2), other).text, 'float32 2 and float32 1×2');
  assert.is(compareTensor('x', floats(1), makeTensor('int32', [1], Int32Array.of(1))).verdict, 'type');
});

test('compares whole numbers and texts', () => {
  const int = (value: bigint) => makeTensor('int64', [], BigInt64Array.of(value));
  assert.is(compareTensor('x', int(5n), int(9n)).text, '1 of 1 differ, by at most 4');
  const texts = (...values: string[]) => makeStringTensor([values.length], values);
  assert.is(compareTensor('x', texts('a', 'b'), texts('a', 'bb')).text, '1 of 2 texts differ');
  assert.is(compareTensor('x', texts('a'), texts('a')).verdict, 'equal');
});

test.run();
