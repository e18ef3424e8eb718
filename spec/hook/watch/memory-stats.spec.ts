import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MetricsEvent } from '../../../lib/hook/metrics-event.js';
import { memoryStats } from '../../../lib/hook/watch/memory-stats.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { told } from '../told.js';

const test = suite('memoryStats');

hookLaws({ test, factory: () => memoryStats(() => ({ rss: 5 }), { trigger: everySteps(2) }) });

test(
  'tells what the probe returns at each firing, and asks it at no other time',
  marbles(({ expectObservable, flush }) => {
    let probed = 0;
    const probe = (): object => ({ numTensors: ++probed, unreliable: false, backend: 'cpu' });
    const seen: unknown[] = [];
    const run = scriptedSession('----1-2---3-4---5-|').pipe(
      memoryStats(probe, { trigger: everySteps(2), source: 'tf' }),
    );
    expectObservable(run.pipe(told({ metrics: 'm' }))).toBe('(bc)1-(m2)3-(m4)5-(e|)');
    flush();
    probed = 0;
    run.subscribe(
      (event) => event instanceof MetricsEvent && seen.push([event.source, event.globalStep, [...event.metrics]]),
    );
    flush();
    assert.equal(seen, [
      ['tf', 2, [['numTensors', 1]]],
      ['tf', 4, [['numTensors', 2]]],
    ]);
  }),
);

test(
  'measures the process',
  marbles(({ flush }) => {
    const seen: MetricsEvent[] = [];
    scriptedSession('-1-2-|')
      .pipe(memoryStats(() => process.memoryUsage(), { trigger: everySteps(2) }))
      .subscribe((event) => event instanceof MetricsEvent && seen.push(event));
    flush();
    assert.equal(
      seen.map(({ source, globalStep }) => [source, globalStep]),
      [['memory', 2]],
    );
    assert.ok((seen[0]?.metrics.get('rss') ?? 0) > 1e6);
    assert.ok((seen[0]?.metrics.get('heapUsed') ?? 0) > 1e6);
  }),
);

test('refuses wrong arguments', () => {
  assert.throws(() => memoryStats({} as never), /^memoryStats\(probe\): expected a function, received an object/);
  assert.throws(() => memoryStats(() => ({}), { trigger: 3 as never }), /^memoryStats\(trigger\): expected a trigger/);
});

test.run();
