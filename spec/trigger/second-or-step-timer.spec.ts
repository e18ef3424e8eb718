import { map, pairwise } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { StepEvent } from '../../lib/session/event.js';
import { marbles, stepEvents, triggerLaws } from '../../lib/testing/index.js';
import { secondOrStepTimer } from '../../lib/trigger/second-or-step-timer.js';

const test = suite('secondOrStepTimer');
const events = stepEvents();

triggerLaws({ test, factory: () => secondOrStepTimer({ steps: 4 }) });
triggerLaws({
  test: (name, body) => test(`of seconds, ${name}`, body),
  factory: (scheduler) => secondOrStepTimer({ seconds: 0.3, scheduler }),
});

test(
  'counts steps from the last firing',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(secondOrStepTimer({ steps: 2 }))).toBe('-1---3---5---|', events);
  }),
);

test(
  'counts seconds from the last firing',
  marbles(({ cold, expectObservable }) => {
    const source = cold('-1-2-3-4-5-6-|', events);
    expectObservable(source.pipe(secondOrStepTimer({ seconds: 0.003 }))).toBe('-1---3---5---|', events);
  }),
);

test(
  'tells the steps between firings to who compares them',
  marbles(({ cold, expectObservable }) => {
    // TensorFlow: update(1), update(5), update(7) give no, 4 and 2 elapsed steps.
    const steps = stepEvents({ globalSteps: [1, 5, 7] });
    const elapsed$ = secondOrStepTimer({ steps: 2 })(cold('-1-2-3-|', steps)).pipe(
      map((step) => (step as StepEvent).globalStep),
      pairwise(),
      map(([before, now]) => now - before),
    );
    expectObservable(elapsed$).toBe('---a-b-|', { a: 4, b: 2 });
  }),
);

test('takes either steps or seconds', () => {
  const wrong: [options: object, fault: RegExp][] = [
    [{}, /expected either steps or seconds, received neither/],
    [{ steps: 1, seconds: 1 }, /expected either steps or seconds, received both/],
    [{ steps: 0 }, /everySteps\(steps\): expected a whole number from 1, received 0/],
    [{ seconds: 0 }, /everySeconds\(seconds\): expected seconds above 0/],
  ];
  for (const [options, fault] of wrong) assert.throws(() => secondOrStepTimer(options as { steps: number }), fault);
});

test.run();
