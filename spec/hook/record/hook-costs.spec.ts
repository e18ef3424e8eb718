import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeRecordedEvent } from '../../../lib/hook/record/decode-recorded-event.js';
import { encodeRecordedEvent } from '../../../lib/hook/record/encode-recorded-event.js';
import { HookCosts } from '../../../lib/hook/record/hook-costs.js';
import { sumHookCosts } from '../../../lib/hook/record/sum-hook-costs.js';
import type { HookWatch, RunControl } from '../../../lib/session/run-control.js';

const test = suite('HookCosts');

const STEPS = 200_000;

/** A run on a clock of its own whose steps take 0.1 ms besides what its hooks take. */
class ClockedRun {
  ms = 0;
  watched = 0;
  readonly #watches = new Set<HookWatch>();
  readonly #hooks: Readonly<Record<string, (step: number) => number>>;
  readonly costs: HookCosts;

  /** @param readingMs what it takes to read the clock */
  constructor(hooks: Readonly<Record<string, (step: number) => number>>, readingMs = 0) {
    this.#hooks = hooks;
    const run = {
      watchHooks: (watch: HookWatch) => {
        this.#watches.add(watch);
        return () => this.#watches.delete(watch);
      },
    };
    this.costs = new HookCosts(run as unknown as RunControl, () => {
      this.ms += readingMs;
      return this.ms;
    });
  }

  take(steps: number, stepMs = 0.1): void {
    for (let step = 1; step <= steps; step++) {
      this.ms += stepMs;
      const [watch] = this.#watches;
      if (watch !== undefined) this.watched++;
      for (const [name, costMs] of Object.entries(this.#hooks)) {
        const acted = watch?.acts(name, undefined as never);
        this.ms += costMs(step);
        acted?.();
      }
      this.costs.step();
    }
  }
}

function isNear(actual: number | undefined, expected: number, share: number): void {
  assert.ok(Math.abs((actual ?? 0) - expected) <= share * expected, `${actual} is not near ${expected}`);
}

test('estimates what each hook takes, also one that seldom acts', () => {
  const run = new ClockedRun({
    steady: () => 0.01,
    seldom: (step) => (step % 100 === 0 ? 2 : 0),
    idle: () => 0,
  });
  run.take(STEPS);
  const costs = run.costs.take();
  if (costs === undefined) throw new Error('expected costs');
  assert.is(costs.steps, STEPS);
  assert.is(costs.sampled, run.watched);
  // About one in 150 steps: 20 ms of the clock's 0.13 ms steps.
  isNear(costs.sampled, STEPS / 150, 0.15);
  const found = new Map(sumHookCosts([{ kind: 'hookCosts', t: 0, ...costs }]).map(({ hook, ...rest }) => [hook, rest]));
  isNear(found.get('steady')?.actedMs, 0.01 * STEPS, 0.001);
  isNear(found.get('steady')?.stepMicroseconds, 10, 0.001);
  isNear(found.get('seldom')?.actedMs, 0.02 * STEPS, 0.5);
  assert.is(found.get('idle')?.actedMs, 0);
});

test('leaves out what it takes to read the clock', () => {
  const run = new ClockedRun({ quick: () => 0.001, idle: () => 0 }, 0.05);
  run.take(STEPS);
  const [quick, idle] = sumHookCosts([{ kind: 'hookCosts', t: 0, ...(run.costs.take() as never as object) } as never]);
  isNear(quick?.stepMicroseconds, 1, 0.001);
  assert.ok((idle?.stepMicroseconds ?? 1) < 1e-6);
});

test('watches every step if steps are slow', () => {
  const run = new ClockedRun({ steady: () => 1 });
  run.take(50, 100);
  assert.equal(run.costs.take(), { steps: 50, sampled: 49, hookMs: new Map([['steady', 49]]) });
});

test('begins anew after each look, and has nothing to say without a sample', () => {
  const run = new ClockedRun({ steady: () => 1 });
  assert.is(run.costs.take(), undefined);
  run.take(1, 100);
  assert.is(run.costs.take(), undefined);
  run.take(10, 100);
  assert.is(run.costs.take()?.steps, 11);
  run.take(10, 100);
  assert.is(run.costs.take()?.steps, 10);
});

test('watches nothing after it was stopped', () => {
  const run = new ClockedRun({ steady: () => 1 });
  run.take(1, 100);
  run.costs.stop();
  const { watched } = run;
  run.take(1, 100);
  assert.is(run.watched, watched);
});

test('is read back from its line as it was', () => {
  const event = {
    kind: 'hookCosts',
    t: 5,
    steps: 100,
    sampled: 3,
    hookMs: new Map([
      ['__proto__', 0.25],
      ['nanGuard', 0],
    ]),
  } as const;
  assert.equal(decodeRecordedEvent(encodeRecordedEvent(event), 'line 1'), event);
  for (const [line, fault] of [
    ['{"kind":"hookCosts","t":5,"steps":100,"sampled":0,"hookMs":{}}', /sampled is 0/],
    ['{"kind":"hookCosts","t":5,"steps":1,"sampled":2,"hookMs":{}}', /more steps were sampled than taken/],
    ['{"kind":"hookCosts","t":5,"steps":2,"sampled":2,"hookMs":{"a":-1}}', /hookMs of a is no time/],
    ['{"kind":"hookCosts","t":5,"steps":2,"sampled":2,"hookMs":{"a":"NaN"}}', /hookMs of a is no time/],
    ['{"kind":"hookCosts","t":5,"steps":2,"sampled":2,"hookMs":[]}', /not an object/],
  ] as const) {
    assert.throws(() => decodeRecordedEvent(line, 'line 1'), fault);
  }
});

test.run();
