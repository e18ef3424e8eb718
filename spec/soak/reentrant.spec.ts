// Listeners that act on a run from inside of its events: stop, hold, fail, save, add events of their own, leave.

import fc from 'fast-check';
import { of, type Subscription, share, throwError, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { type HookOutput, hook } from '../../lib/hook/hook.js';
import { MetricsEvent } from '../../lib/hook/metrics-event.js';
import { silentLogger } from '../../lib/log/logger.js';
import type { AnyEvent, SessionEvent } from '../../lib/session/event.js';
import type { HookEvent } from '../../lib/session/hook-event.js';
import { fakeSaver } from '../../lib/testing/fake-saver.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { counted, seed, times } from '../faults/soak.js';
import { virtually, wordOf } from '../session/play.js';

const test = suite('listeners that act on the run which they listen to');
const RUNS = times(300, 10_000);
const counts = { scripts: 0, events: 0, acts: 0, 'other orders': 0 };

interface Means {
  readonly globalStep: number;
  readonly emit: (globalStep: number) => void;
  readonly leave: () => void;
  /** The event, if it is one of the session: what hooks add has no methods. */
  readonly it: SessionEvent | undefined;
}

const ACTIONS = {
  requestStop: ({ it }: Means) => it?.requestStop('enough'),
  hold: ({ it }: Means) => it?.waitUntil(of(1)),
  holdFor: ({ it }: Means) => it?.waitUntil(timer(3)),
  holdThatFails: ({ it }: Means) => it?.waitUntil(throwError(() => new Error('the hold failed'))),
  fail: ({ it }: Means) => it?.fail(new Error('told to fail')),
  captureState: ({ it }: Means) => {
    if (it !== undefined && it.type !== 'begin') it.captureState().subscribe({ error: () => {} });
  },
  emit: ({ emit, globalStep }: Means) => emit(globalStep),
  emitTwice: ({ emit, globalStep }: Means) => {
    emit(globalStep);
    emit(globalStep);
  },
  leave: ({ leave }: Means) => leave(),
} as const;

interface Act {
  /** At which event of those that the listener hears. */
  readonly at: number;
  /** Which of the two listeners acts. */
  readonly who: 0 | 1;
  readonly action: keyof typeof ACTIONS;
}

const act: fc.Arbitrary<Act> = fc.record({
  at: fc.integer({ min: 0, max: 20 }),
  who: fc.constantFrom(0 as const, 1 as const),
  action: fc.constantFrom(...(Object.keys(ACTIONS) as (keyof typeof ACTIONS)[])),
});

test('hear the same events in the same order, each once, whatever any of them does', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[-1]{1,8}$/), fc.array(act, { minLength: 1, maxLength: 6 }), (script, acts) => {
      counts.scripts++;
      const heard: [string[], string[]] = [[], []];
      let witness: string[] = [];
      virtually((scheduler) => {
        let output: HookOutput<HookEvent> | undefined;
        let emitted = 0;
        const emit = (globalStep: number): void =>
          output?.emit(new MetricsEvent('chaos', globalStep, new Map([['nth', ++emitted]])));
        const run$ = scriptedSession(`${script}(1|)`, { scheduler, logger: silentLogger }).pipe(
          hook<HookEvent>('chaos', (own) => {
            output = own;
            return {};
          }),
          checkpointSaver(fakeSaver(), { trigger: everySteps(2) }),
          share(),
        );
        const subscriptions: (Subscription | undefined)[] = [];
        const listen = (who: 0 | 1): void => {
          const own = heard[who];
          subscriptions[who] = run$.subscribe({
            next: (event: AnyEvent) => {
              const nth = own.length;
              own.push(textOf(event));
              for (const { action } of acts.filter(({ who: actor, at }) => actor === who && at === nth)) {
                counts.acts++;
                const it = 'captureState' in event && 'fail' in event ? (event as SessionEvent) : undefined;
                const globalStep = 'globalStep' in event ? Number(event.globalStep) : 0;
                ACTIONS[action]({ it, globalStep, emit, leave: () => subscriptions[who]?.unsubscribe() });
              }
            },
            error: (error: unknown) => own.push(`!${(error as Error).message}`),
            complete: () => own.push('|'),
          });
        };
        listen(0);
        listen(1);
        // Only listens.
        const silent: string[] = [];
        run$.subscribe({
          next: (event: AnyEvent) => void silent.push(textOf(event)),
          error: (error: unknown) => silent.push(`!${(error as Error).message}`),
          complete: () => silent.push('|'),
        });
        witness = silent;
      });
      counts.events += witness.length;
      for (const own of heard) assert.equal(own, witness.slice(0, own.length));
      // A run comes to its end, unless nobody is left.
      assert.match(witness.at(-1) ?? '', /^[|!]/);
      assert.is(new Set(witness).size, witness.length, `twice: ${witness}`);
    }),
    { numRuns: RUNS, seed, includeErrorInReport: true },
  );
  counted('re-entrant scripts', counts);
});

function textOf(event: AnyEvent): string {
  if (event instanceof MetricsEvent) return `metrics ${event.metrics.get('nth')}`;
  const step = 'globalStep' in event ? ` ${event.globalStep}` : '';
  return `${wordOf(event)}${step}`;
}

test.run();
