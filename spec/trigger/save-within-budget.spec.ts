import { timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointListener } from '../../lib/checkpoint/checkpoint-listener.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { random } from '../../lib/session/random.js';
import { fakeBackground } from '../../lib/testing/fake-background.js';
import { fakeSaver } from '../../lib/testing/fake-saver.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { stepEvents } from '../../lib/testing/step-events.js';
import { triggerLaws } from '../../lib/testing/trigger-laws.js';
import { after } from '../../lib/trigger/after.js';
import { anyOf } from '../../lib/trigger/any-of.js';
import { atMostEvery } from '../../lib/trigger/at-most-every.js';
import { beginAt } from '../../lib/trigger/begin-at.js';
import { never } from '../../lib/trigger/never.js';
import type { SaveCost } from '../../lib/trigger/save-cost.js';
import { saveWithinBudget } from '../../lib/trigger/save-within-budget.js';
import type { Trigger } from '../../lib/trigger/trigger.js';
import { until } from '../../lib/trigger/until.js';

const test = suite('saveWithinBudget');

triggerLaws({ test, factory: (scheduler) => saveWithinBudget({ minSeconds: 0.02 }, scheduler) });

// A stall is paid for by four times its length: a character is a millisecond. A step that comes in the very millisecond in
// which the time is over, but was drawn before, comes too soon.
const BUDGET = { stallFraction: 0.2, minSeconds: 0.002, maxSeconds: 0.009 };
const COSTS: Readonly<Record<string, SaveCost>> = {
  f: { stallSeconds: 0 },
  c: { stallSeconds: 0.001 },
  x: { stallSeconds: 1 },
};

const drawn = [
  {
    name: 'waits for the least time before the first save, and for the most if it hears of none',
    steps: '   123456789|',
    saves: '   ---------',
    expected: '--3------|',
  },
  {
    name: 'pays for each save with the time that follows it',
    steps: '   123456789|',
    saves: '   ---c-----',
    expected: '--3-----9|',
  },
  {
    name: 'waits for the least time after a save that cost nothing',
    steps: '   123456789|',
    saves: '   ---f-----',
    expected: '--3---7--|',
  },
  {
    name: 'pays for a save that it did not ask for, such as that at the creation',
    steps: '   123456789|',
    saves: '   c--------',
    expected: '-----6---|',
  },
  {
    name: 'waits no longer than the most time, however dear the save',
    steps: '   1--2--3--4--5--6--7--8--9--|',
    saves: '   x--------------------------',
    expected: '------------5-----------9--|',
  },
] as const;

for (const { name, steps, saves, expected } of drawn) {
  test(
    name,
    marbles(({ cold, scheduler, expectObservable }) => {
      const trigger = saveWithinBudget(BUDGET, scheduler);
      expectObservable(trigger(cold(steps, stepEvents()), cold(saves, { ...COSTS }))).toBe(expected, stepEvents());
    }),
  );
}

const wrappers: Readonly<Record<string, (trigger: Trigger) => Trigger>> = {
  anyOf: (trigger) => anyOf(never(), trigger),
  after: (trigger) => after(0, trigger),
  until: (trigger) => until(9, trigger),
  atMostEvery: (trigger) => atMostEvery(0.001, trigger),
};

for (const [name, wrap] of Object.entries(wrappers)) {
  test(
    `hears of the costs inside of ${name}`,
    marbles(({ cold, scheduler, expectObservable }) => {
      const trigger = wrap(saveWithinBudget(BUDGET, scheduler));
      const saves = cold('---c-----', { ...COSTS });
      expectObservable(trigger(cold('123456789|', stepEvents()), saves)).toBe('--3-----9|', stepEvents());
    }),
  );
}

test(
  'does not fire again at the step at which it has begun',
  marbles(({ cold, scheduler, expectObservable }) => {
    const steps = stepEvents({ globalSteps: [1, 1, 1, 1, 2] });
    const trigger = beginAt(saveWithinBudget(BUDGET, scheduler), 1);
    expectObservable(trigger(cold('12345|', steps))).toBe('----5|', steps);
  }),
);

/** Steps of 7 ms, for about so long. */
const script = (milliseconds: number): string => `${'6ms 1 '.repeat(milliseconds / 7)}|`;

interface TimedSave {
  readonly at: number;
  readonly stallMs: number;
}

/** Trains with saves of these stalls; tells when each began. */
function savesOf({ scheduler, flush }: MarbleHelpers, script: string, stallOf: () => number): readonly TimedSave[] {
  const saves: TimedSave[] = [];
  const slow = checkpointListener({
    beforeSave: () => {
      const stallMs = stallOf();
      saves.push({ at: scheduler.now(), stallMs });
      return timer(stallMs, scheduler);
    },
  });
  const trigger = saveWithinBudget({ stallFraction: 0.01, minSeconds: 0.1 }, scheduler);
  scriptedSession(script)
    .pipe(checkpointSaver(fakeSaver(), { trigger, listeners: [slow] }))
    .subscribe();
  flush();
  return saves;
}

test(
  'spends the fraction on saves, and hardly less',
  marbles((helpers) => {
    const saves = savesOf(helpers, script(21_000), () => 20);
    const intervals = saves.slice(1, -1).map(({ at }, i) => at - (saves[i] as TimedSave).at);
    assert.ok(intervals.length >= 10);
    // 20 ms of 2000, and up to a step more.
    for (const interval of intervals) assert.ok(interval >= 2000 && interval < 2007, `${interval}`);
  }),
);

test(
  'stays below the fraction at the beginning of every save, however the stalls vary',
  marbles((helpers) => {
    const stalls = random(5, 'stalls');
    const saves = savesOf(helpers, script(30_000), () => Math.floor((50 * stalls.nextUint32()) / 2 ** 32));
    let spent = 0;
    assert.ok(saves.length > 8, `${saves.length} saves`);
    // All but the one at the end of the run, which no trigger decides.
    for (const { at, stallMs } of saves.slice(0, -1)) {
      assert.ok(spent <= 0.01 * at, `${spent} ms spent at ${at}`);
      spent += stallMs;
    }
  }),
);

test(
  'counts only the time of the copy where saves are written in the background',
  marbles(({ scheduler, flush }) => {
    const taken: number[] = [];
    const saver = fakeBackground({ take: () => timer(10, scheduler), write: () => timer(400, scheduler) });
    const trigger = saveWithinBudget({ stallFraction: 0.01, minSeconds: 0.1 }, scheduler);
    scriptedSession(script(7000))
      .pipe(asyncCheckpointSaver(saver, { trigger }))
      .subscribe((event) => {
        if (event.type === 'snapshotTaken') taken.push(scheduler.now());
      });
    flush();
    const intervals = taken.slice(1, -1).map((at, i) => at - (taken[i] as number));
    assert.ok(intervals.length >= 5, taken.join());
    for (const interval of intervals) assert.ok(interval >= 1000 && interval < 1010, taken.join());
  }),
);

test('refuses wrong options at the door', () => {
  for (const stallFraction of [0, 1, -0.1, Number.NaN]) {
    assert.throws(() => saveWithinBudget({ stallFraction }), /^saveWithinBudget\(stallFraction\): expected a number/);
  }
  assert.throws(() => saveWithinBudget({ minSeconds: 0 }), /saveWithinBudget\(minSeconds\): expected seconds above 0/);
  assert.throws(() => saveWithinBudget({ maxSeconds: Number.POSITIVE_INFINITY }), /\(maxSeconds\): expected seconds/);
  assert.throws(() => saveWithinBudget({ minSeconds: 5, maxSeconds: 4 }), /expected at most maxSeconds \(4\)/);
});

test.run();
