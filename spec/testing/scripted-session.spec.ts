import { map, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UnavailableError } from '../../lib/error/unavailable-error.js';
import { hook } from '../../lib/hook/hook.js';
import type { SessionEvent } from '../../lib/session/event.js';
import { ofType } from '../../lib/session/of-type.js';
import { steps } from '../../lib/session/steps.js';
import { collect } from '../../lib/testing/collect.js';
import type { FakeState } from '../../lib/testing/fake-state.js';
import { marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { lifecycle } from '../../lib/testing/step-events.js';

const test = suite('scriptedSession');

test(
  'takes steps in the time of its script, with all the events of a session',
  marbles(({ expectObservable }) => {
    const events = lifecycle({ steps: 3 });
    const session$ = scriptedSession('------1------2------(3|)');
    const expected = '               (bcA)-(1B)---(2C)---(3e|)';
    expectObservable(session$).toBe(expected, events);
  }),
);

test(
  'gives the input its time to end',
  marbles(({ expectObservable }) => {
    const session$ = scriptedSession('--1---|').pipe(ofType('step', 'end'));
    expectObservable(session$).toBe('--1---(e|)', lifecycle({ steps: 1 }));
  }),
);

test(
  'waits for holds, and then takes the steps as long as before',
  marbles(({ expectObservable }) => {
    const holding = hook('holding', () => ({
      step: (step) => step.globalStep === 1 && step.waitUntil(timer(5)),
    }));
    const session$ = scriptedSession('--1-2-|').pipe(holding, steps());
    expectObservable(session$).toBe('--1------2-|', lifecycle());
  }),
);

test(
  'fails at #, and does not end without |',
  marbles(({ expectObservable }) => {
    const error = new Error('out of paper');
    expectObservable(scriptedSession('--1-#', { error }).pipe(steps())).toBe('--1-#', lifecycle(), error);
    expectObservable(scriptedSession('--1-2').pipe(steps())).toBe('--1-2', lifecycle());
  }),
);

test(
  'fails once, so that it can recover',
  marbles(({ expectObservable }) => {
    const error = new UnavailableError('no device');
    const session$ = scriptedSession('--1--#--(3|)', {
      error,
      recover: { initialDelaySeconds: 0.01, jitter: 0 },
    }).pipe(
      steps(),
      map(({ globalStep }) => String(globalStep)),
    );
    expectObservable(session$).toBe('--1-- 10ms --1--2--(3|)');
  }),
);

test(
  'starts where it is told to',
  marbles(({ expectObservable }) => {
    const restored = { prefix: 'model.ckpt-7', globalStep: 7, skipped: [] };
    const events = lifecycle({ startAt: 7, restored, outputs: (n) => n * 2, steps: 2 });
    const session$ = scriptedSession('--1-(2|)', { startAt: 7, outputs: (n) => n * 2 });
    expectObservable(session$.pipe(ofType('sessionCreated', 'step', 'end'))).toBe('c-1-(2e|)', events);
  }),
);

test(
  'trains its state once a step, and disposes of it',
  marbles(({ flush }) => {
    const disposed: FakeState[] = [];
    const session$ = scriptedSession('(123|)', { startAt: 4, onDispose: (state) => disposed.push(state) });
    session$.subscribe();
    session$.subscribe();
    flush();
    assert.equal(
      disposed.map(({ model }) => model.steps),
      [7, 7],
    );
    assert.is.not(disposed[0], disposed[1]);
  }),
);

test('runs in real time outside of marbles', async () => {
  const started = performance.now();
  const events: SessionEvent[] = await collect(scriptedSession('-1 30ms 2|'));
  assert.equal(
    events.map(({ type }) => type),
    ['begin', 'sessionCreated', 'beforeStep', 'step', 'beforeStep', 'step', 'end'],
  );
  assert.ok(performance.now() - started >= 25);
});

test.run();
