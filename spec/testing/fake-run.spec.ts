import { throwError, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventPassedError } from '../../lib/error/event-passed-error.js';
import { HookFailedError } from '../../lib/error/hook-failed-error.js';
import { hook } from '../../lib/hook/hook.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';
import { fakeRun } from '../../lib/testing/fake-run.js';
import { fakeState } from '../../lib/testing/fake-state.js';
import { marbles } from '../../lib/testing/marbles.js';
import { lifecycle } from '../../lib/testing/step-events.js';

const test = suite('fakeRun');

test(
  'delays what follows a held event, as a session does',
  marbles(({ cold, expectObservable, flush }) => {
    const run = fakeRun();
    const events = lifecycle({ run, steps: 2 });
    const holding = hook('holding', () => ({
      step: (step) => {
        if (step.globalStep === 1) {
          step.waitUntil(timer(3));
          step.waitUntil(timer(2));
        }
      },
    }));
    const source = cold('bc-A1-B2-(e|)', events);
    expectObservable(source.pipe(run.deliver(), holding)).toBe('bc-A1----(B2e|)', events);
    flush();
    assert.equal(
      run.holds.map(({ event, startedAt, endedAt }) => [event === events[1], startedAt, endedAt]),
      [
        [true, 4, 7],
        [true, 7, 9],
      ],
    );
  }),
);

test(
  'leaves events where they are drawn if it does not deliver them, and runs holds all the same',
  marbles(({ cold, expectObservable, flush }) => {
    const run = fakeRun();
    const events = lifecycle({ run, steps: 2 });
    const holding = hook('holding', () => ({ step: (step) => step.waitUntil(timer(4)) }));
    expectObservable(cold('bc-A1-B2-(e|)', events).pipe(holding)).toBe('bc-A1-B2-(e|)', events);
    flush();
    assert.equal(
      run.holds.map(({ startedAt, endedAt }) => [startedAt, endedAt]),
      [
        [4, 8],
        [8, 12],
      ],
    );
  }),
);

test(
  'ends the stream with what a hook failed with',
  marbles(({ cold, expectObservable, flush }) => {
    const run = fakeRun();
    const events = lifecycle({ run, steps: 2 });
    const boom = new Error('boom');
    const failing = hook('failing', () => ({
      step: () => {
        throw boom;
      },
    }));
    const failure = new HookFailedError('failing', 'step', 1, boom);
    expectObservable(cold('bc-A1-B2-(e|)', events).pipe(run.deliver(), failing)).toBe('bc-A#', events, failure);
    flush();
    assert.equal(run.failures, [failure]);
  }),
);

test(
  'ends the stream with what a hold failed with',
  marbles(({ cold, expectObservable }) => {
    const run = fakeRun();
    const events = lifecycle({ run });
    const failing = hook('failing', () => ({
      sessionCreated: (event) => event.waitUntil(throwError(() => new Error('disk full'))),
    }));
    const source = cold('b-c-A-1|', events);
    expectObservable(source.pipe(run.deliver(), failing)).toBe('b-(c#)', events, new Error('disk full'));
  }),
);

test(
  'knows whose moment it is',
  marbles(({ cold, flush }) => {
    const run = fakeRun();
    const events = lifecycle({ run });
    cold('bc|', events).pipe(run.deliver()).subscribe();
    flush();
    assert.throws(
      () => events.c.waitUntil([]),
      (error: unknown) => error instanceof EventPassedError,
    );
  }),
);

test('writes down what is asked for', () => {
  const run = fakeRun();
  const events = lifecycle({ run });
  events[1].requestStop('enough');
  events[1].fail('broken');
  events.b.addFetch('norm', (step) => step.globalStep * 10);
  events.b.addFetch('gradients');
  events.A.request('gradients');
  events.A.feed('rate', 0.5);
  assert.equal(
    run.stopRequests.map(({ reason }) => reason),
    ['enough'],
  );
  assert.equal(run.failures, ['broken']);
  assert.equal([...run.requested], ['gradients']);
  assert.equal([...run.feeds], [['rate', 0.5]]);
  run.provide('gradients', [1]);
  assert.equal([events[1].fetch('norm'), events[1].fetch('gradients')], [10, [1]]);
});

test('captures the state of the step at which it is', () => {
  const run = fakeRun();
  const events = lifecycle({ run, startAt: 4 });
  events.b.track('early', { capture: () => ({ tensors: new Map(), json: 'kept' }), restore() {} });
  const snapshots: StateSnapshot[] = [];
  events[2].waitUntil(events[2].captureState());
  events[2].captureState().subscribe((snapshot) => snapshots.push(snapshot));
  assert.is(snapshots[0]?.globalStep, 6);
  assert.equal(snapshots[0]?.tensors.get('model/weights'), fakeState(6).model.capture().tensors.get('weights'));
  assert.equal(snapshots[0]?.json, { parts: { input: { position: 6 }, 'hook/early': 'kept' } });
});

test(
  'cancels what goes on',
  marbles(({ cold, scheduler, flush, expectSubscriptions }) => {
    const run = fakeRun();
    const work = cold('---------|');
    const upload = cold('---------|');
    lifecycle({ run })[1].waitUntil(work);
    run.coordinator.register('upload', upload);
    scheduler.schedule(() => run.cancel(), 3);
    expectSubscriptions(work.subscriptions).toBe('^--!');
    expectSubscriptions(upload.subscriptions).toBe('^--!');
    flush();
  }),
);

test.run();
