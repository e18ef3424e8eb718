import { bufferCount } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles } from '../../lib/testing/marbles.js';
import { stepEvents } from '../../lib/testing/step-events.js';
import { triggerLaws } from '../../lib/testing/trigger-laws.js';
import { allOf } from '../../lib/trigger/all-of.js';
import { anyOf } from '../../lib/trigger/any-of.js';
import { atMostEvery } from '../../lib/trigger/at-most-every.js';
import { beginAt } from '../../lib/trigger/begin-at.js';
import { everySeconds } from '../../lib/trigger/every-seconds.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { secondOrStepTimer } from '../../lib/trigger/second-or-step-timer.js';

const test = suite('beginAt');
const events = stepEvents();
const sinceFiring = (steps: number) => everySteps(steps, { since: 'lastFiring' });

triggerLaws({ test, factory: (scheduler) => beginAt(everySeconds(0.5, scheduler), 0) });

for (const { title, trigger, globalStep, expected } of [
  { title: 'everySteps, since the last firing', trigger: sinceFiring(3), globalStep: 0, expected: '-----3-----6---|' },
  { title: 'one that fired later', trigger: sinceFiring(3), globalStep: 2, expected: '         ---------5-----|' },
  { title: 'secondOrStepTimer', trigger: secondOrStepTimer({ steps: 3 }), globalStep: 0, expected: '-----3-----6---|' },
  { title: 'everySeconds', trigger: everySeconds(0.005), globalStep: 0, expected: '              -----3-----6---|' },
  {
    title: 'atMostEvery',
    trigger: atMostEvery(0.005, everySteps(1)),
    globalStep: 0,
    expected: '-----3-----6---|',
  },
  {
    title: 'atMostEvery of one that counts as well',
    trigger: atMostEvery(0.002, sinceFiring(4)),
    globalStep: 0,
    expected: '-------4-------|',
  },
  {
    title: 'anyOf, all of them',
    trigger: anyOf(sinceFiring(3), sinceFiring(4)),
    globalStep: 0,
    expected: '-----3-4---6---|',
  },
  { title: 'allOf', trigger: allOf(sinceFiring(3), everySteps(2)), globalStep: 0, expected: '-----------6---|' },
]) {
  test(
    `begins ${title}`,
    marbles(({ cold, expectObservable }) => {
      const steps = cold('-1-2-3-4-5-6-7-|', events);
      expectObservable(beginAt(trigger, globalStep)(steps)).toBe(expected, events);
    }),
  );
}

test(
  'does not fire at the step at which it is said to have fired',
  marbles(({ cold, expectObservable }) => {
    const idle = stepEvents({ globalSteps: [0, 0, 1] });
    expectObservable(beginAt(everySeconds(0.005), 0)(cold('------1-2-3|', idle))).toBe('----------3|', idle);
  }),
);

test('leaves a trigger as it is that does not count from its firings', () => {
  for (const trigger of [everySteps(5), bufferCount(3), anyOf(everySteps(2), everySteps(3))]) {
    assert.is(beginAt(trigger, 7), trigger);
  }
});

test.run();
