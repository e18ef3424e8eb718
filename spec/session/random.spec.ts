import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { Random, random } from '../../lib/session/random.js';

const test = suite('random');

test('gives the published numbers of xoshiro128** for the state 1, 2, 3, 4', () => {
  // The vector of the rand_xoshiro crate, made with the authors' C code.
  const generator = new Random([1, 2, 3, 4]);
  const drawn = Array.from({ length: 10 }, () => generator.nextUint32());
  assert.equal(
    drawn,
    [11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804],
  );
});

test('seeds by the published numbers of SplitMix64', () => {
  // SplitMix64 of 0: 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4.
  assert.equal(random(0).state, [0x7b1dcdaf, 0xe220a839, 0xa1b965f4, 0x6e789e6a]);
});

test('goes on bit for bit after its state went through JSON', () => {
  const generator = random(7, 'noise');
  for (let i = 0; i < 1000; i++) generator.normal();
  const state = JSON.parse(JSON.stringify(generator.capture().json));
  const other = random(8);
  other.restore({ tensors: new Map(), json: state });
  for (let i = 0; i < 1000; i++) assert.is(other.nextUint32(), generator.nextUint32());
});

test('gives each stream and each seed its own numbers', () => {
  const firsts = [random(1), random(2), random(-1), random(1, 'a'), random(1, 'b'), random(1, 'ä')].map((generator) =>
    generator.nextUint32(),
  );
  assert.is(new Set(firsts).size, firsts.length);
  assert.is(random(1, 'a').nextUint32(), random(1, 'a').nextUint32());
});

test('integer draws every number equally often and none outside', () => {
  const generator = random(3);
  const counts = new Array<number>(6).fill(0);
  for (let i = 0; i < 60_000; i++) {
    const drawn = generator.integer(6);
    counts[drawn] = (counts[drawn] ?? Number.NaN) + 1;
  }
  assert.is(counts.length, 6);
  // Chi-squared with 5 degrees of freedom is above 20.5 once in a thousand; the seed is fixed.
  const chiSquared = counts.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
  assert.ok(chiSquared < 20.5, `chi-squared ${chiSquared}`);
});

test('integer rejects what would make small remainders likelier', () => {
  // For 3 * 2^30, a plain remainder would give numbers below 2^30 half of the time, not a third.
  const generator = random(4);
  let small = 0;
  for (let i = 0; i < 30_000; i++) if (generator.integer(3 * 2 ** 30) < 2 ** 30) small++;
  assert.ok(Math.abs(small / 30_000 - 1 / 3) < 0.01, `${small} of 30000`);
});

test('uniform and normal have the moments that their names promise', () => {
  const generator = random(5);
  const sums = { uniform: 0, normal: 0, squares: 0 };
  for (let i = 0; i < 100_000; i++) {
    const uniform = generator.uniform();
    assert.ok(uniform >= 0 && uniform < 1);
    const normal = generator.normal();
    sums.uniform += uniform;
    sums.normal += normal;
    sums.squares += normal * normal;
  }
  assert.ok(Math.abs(sums.uniform / 100_000 - 0.5) < 0.005);
  assert.ok(Math.abs(sums.normal / 100_000) < 0.015);
  assert.ok(Math.abs(sums.squares / 100_000 - 1) < 0.02);
});

test('shuffle keeps every value', () => {
  const values = Uint32Array.from({ length: 1000 }, (_, index) => index);
  random(6).shuffle(values);
  assert.not.equal([...values].slice(0, 10), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(
    [...values].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, index) => index),
  );
});

test('refuses what is no seed, bound or state', () => {
  assert.throws(() => random(0.5), /random\(seed\): expected a safe integer, received 0.5/);
  assert.throws(() => random(1).integer(0), /integer\(bound\)/);
  assert.throws(() => new Random([0, 0, 0, 0]), /not all 0/);
  const generator = random(1);
  const before = generator.state;
  for (const json of [undefined, null, {}, { state: [1, 2, 3] }, { state: [1, 2, 3, -1] }, { state: [0, 0, 0, 0] }]) {
    const state = { tensors: new Map(), json };
    assert.is(generator.differences(state).length, 1);
    assert.throws(() => generator.restore(state), /does not fit/);
  }
  assert.equal(generator.state, before);
});

test.run();
