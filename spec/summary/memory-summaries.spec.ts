import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memorySummaries } from '../../lib/summary/memory-summaries.js';
import { summarySinkLaws } from '../../lib/testing/summary-sink-laws.js';
import { runOf } from './run-of.js';

const test = suite('memorySummaries');

summarySinkLaws({
  test,
  factory() {
    const sink = memorySummaries();
    const read = (): Map<string, [number, number][]> =>
      new Map(
        [...sink.scalars].map(([tag, points]) => [tag, points.map(({ globalStep, value }) => [globalStep, value])]),
      );
    return { sink, read };
  },
});

test('keeps the newest values of each tag', () => {
  const sink = memorySummaries({ maxValuesPerTag: 10 });
  const open = sink.open(runOf());
  for (let step = 1; step <= 100; step++) open.write(step, { scalars: new Map([['a', step]]), values: [] });
  const points = sink.scalars.get('a') ?? [];
  assert.ok(points.length >= 10 && points.length <= 12, String(points.length));
  assert.is(points.at(-1)?.globalStep, 100);
});

test('refuses a limit that is none', () => {
  for (const maxValuesPerTag of [0, 1.5, Number.NaN]) {
    assert.throws(() => memorySummaries({ maxValuesPerTag }), /^memorySummaries\(maxValuesPerTag\)/);
  }
});

test.run();
