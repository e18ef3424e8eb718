import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type PrCurveOptions, prCurveValue } from '../../../../lib/format/event/value/pr-curve-value.js';
import { decodeWith } from '../event-messages.js';
import { numbersOf } from '../fixture.js';
import { isError } from '../is-error.js';

const test = suite('prCurveValue');

test('counts by hand', () => {
  // Thresholds 0, 0.5, 1.
  assert.equal(rows([true, false, true, false], [0.9, 0.6, 0.4, 0], { thresholds: 3 }), [
    [2, 1, 0],
    [2, 1, 0],
    [0, 1, 2],
    [0, 1, 2],
    [0.5, 0.5, 0],
    [1, 0.5, 0],
  ]);
  assert.equal(rows([1, 0], [1, 1], { thresholds: 2, weights: [3, 1] }), [
    [3, 3],
    [1, 1],
    [0, 0],
    [0, 0],
    [0.75, 0.75],
    [1, 1],
  ]);
});

test('is what comparing with each threshold gives', () => {
  // Predictions between thresholds, so that rounding takes no side.
  const sample = fc.record({ label: fc.boolean(), at: fc.nat(19), weight: fc.nat(5) });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 30 }), (samples) => {
      const [labels, predictions, weights] = [
        samples.map(({ label }) => label),
        samples.map(({ at }) => (at + 0.5) / 20),
        samples.map(({ weight }) => weight),
      ];
      const [tp, fp, tn, fn] = rows(labels, predictions, { thresholds: 21, weights }) as [
        number[],
        number[],
        number[],
        number[],
      ];
      for (let i = 0; i <= 20; i++) {
        const total = (label: boolean, isPositive: boolean): number =>
          samples.reduce(
            (all, each) => all + (each.label === label && each.at >= i === isPositive ? each.weight : 0),
            0,
          );
        assert.equal(
          [tp[i], fp[i], tn[i], fn[i]],
          [total(true, true), total(false, true), total(false, false), total(true, false)],
        );
      }
    }),
  );
});

test('says how many thresholds there are', () => {
  const { metadata } = prCurveValue('pr', [true], [0.5]);
  assert.is(metadata?.pluginName, 'pr_curves');
  assert.equal(decodeWith('PrCurvePluginData', metadata?.content ?? new Uint8Array(0)), { num_thresholds: 201 });
});

test('refuses what is no probability', () => {
  for (const predictions of [[1.1], [-0.1], [Number.NaN]])
    assert.throws(() => prCurveValue('a', [true], predictions), isError(RangeError));
  assert.throws(() => prCurveValue('a', [2], [0.5]), isError(RangeError));
  assert.throws(() => prCurveValue('a', [1, 0], [0.5]), /expected 1 as of predictions, received 2/);
  assert.throws(() => prCurveValue('a', [1], [0.5], { weights: [] }), isError(RangeError));
  assert.throws(() => prCurveValue('a', [1], [0.5], { weights: [-1] }), isError(RangeError));
  assert.throws(() => prCurveValue('a', [1], [0.5], { thresholds: 1 }), isError(RangeError));
});

function rows(labels: (number | boolean)[], predictions: number[], options: PrCurveOptions): number[][] {
  const { data } = prCurveValue('a', labels, predictions, options);
  if (data?.type !== 'tensor') throw new Error('no tensor');
  const [, columns = 0] = data.tensor.shape;
  const numbers = numbersOf(data.tensor);
  return Array.from({ length: 6 }, (_, row) => numbers.slice(row * columns, (row + 1) * columns));
}

test.run();
