import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { plateauRate } from '../../../lib/hook/learn/plateau-rate.js';
import {
  constantRate,
  cosineRate,
  type RateSchedule,
  sequenceOfRates,
  stepDecay,
  warmUpRate,
} from '../../../lib/hook/learn/rate-schedule.js';

const test = suite('rate schedules');

const cases: readonly (readonly [string, RateSchedule, readonly number[]])[] = [
  ['constantRate', constantRate(0.5), [0.5, 0.5, 0.5]],
  ['warmUpRate', warmUpRate({ steps: 4, to: 0.4 }), [0.1, 0.2, 0.3, 0.4, 0.4]],
  ['warmUpRate from nothing', warmUpRate({ steps: 5, from: 0, to: 1 }), [0, 0.25, 0.5, 0.75, 1, 1]],
  ['warmUpRate of one step', warmUpRate({ steps: 1, from: 0, to: 1 }), [1, 1]],
  [
    'cosineRate',
    cosineRate({ from: 1, to: 0.2, steps: 4 }),
    [1, 0.6 + 0.4 * Math.SQRT1_2, 0.6, 0.6 - 0.4 * Math.SQRT1_2, 0.2, 0.2],
  ],
  ['stepDecay', stepDecay({ from: 1, factor: 0.5, every: 2 }), [1, 1, 0.5, 0.5, 0.25]],
  [
    'sequenceOfRates',
    sequenceOfRates(
      { steps: 2, rate: 7 },
      { steps: 3, rate: stepDecay({ from: 4, factor: 0.5, every: 1 }) },
      { rate: (step) => step },
    ),
    [7, 7, 4, 2, 1, 0, 1, 2],
  ],
  [
    'warmUpRate over another',
    warmUpRate({ steps: 2, to: stepDecay({ from: 8, factor: 0.5, every: 2 }) }),
    [4, 8, 4, 4, 2],
  ],
];
for (const [name, schedule, rates] of cases) {
  test(name, () => {
    for (const [step, rate] of rates.entries()) {
      assert.ok(Math.abs(schedule(step) - rate) < 1e-12, `step ${step}: expected ${rate}, received ${schedule(step)}`);
    }
  });
}

function rates(values: readonly number[], options: Partial<Parameters<typeof plateauRate>[1]>): readonly number[] {
  const schedule = plateauRate('loss', { rate: 1, mode: 'min', factor: 0.5, patience: 1, ...options });
  let state = schedule.initial;
  return values.map((value, step) => {
    state = schedule.next(state, value);
    return schedule.rate(state, step);
  });
}

test('plateauRate lowers the rate when patience is over', () => {
  assert.equal(rates([5, 4, 4, 4, 4, 4], {}), [1, 1, 1, 0.5, 0.5, 0.25]);
  assert.equal(rates([5, 5, 4, 5, 3, 4, 4], {}), [1, 1, 1, 1, 1, 1, 0.5]);
  assert.equal(rates([5, 4.9, 4.8, 3], { patience: 0, minDelta: 0.5 }), [1, 0.5, 0.25, 0.25]);
  assert.equal(rates([1, 2, 2, 2], { mode: 'max' }), [1, 1, 1, 0.5]);
  assert.equal(rates([1, 1, 1, 1, 1], { patience: 0, cooldown: 2 }), [1, 0.5, 0.5, 0.5, 0.25]);
  assert.equal(rates([1, 1, 1, 1], { patience: 0, minRate: 0.4 }), [1, 0.5, 0.4, 0.4]);
  assert.equal(rates([Number.NaN, Number.NaN, Number.NaN], { patience: 1 }), [1, 0.5, 0.5]);
});

test('wrong arguments are told at once', () => {
  assert.throws(
    () => constantRate(-1),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => warmUpRate({ steps: 0, to: 1 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => warmUpRate({ steps: 2, from: 2, to: 1 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => cosineRate({ from: Number.NaN, steps: 3 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => stepDecay({ from: 1, factor: 0, every: 1 }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => sequenceOfRates(),
    (error: unknown) => error instanceof TypeError,
  );
  assert.throws(() => sequenceOfRates({ rate: 1 }, { rate: 2 }), /parts\[0\]\.steps/);
  assert.throws(
    () => plateauRate('loss', { rate: 1, mode: 'up' as never }),
    (error: unknown) => error instanceof RangeError,
  );
  assert.throws(
    () => plateauRate('loss', { rate: 1, mode: 'min', factor: 1 }),
    (error: unknown) => error instanceof RangeError,
  );
});

test.run();
