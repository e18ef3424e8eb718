import { concat, NEVER, Observable, of, takeUntil, throwError, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UnavailableError } from '../../lib/error/unavailable-error.js';
import { type Coordinator, WorkCoordinator } from '../../lib/session/coordinator.js';
import type { AnyEvent, SessionEvent } from '../../lib/session/event.js';
import { keptLog, play, virtually } from './play.js';

const test = suite('coordinator');

const at = (type: string, act: (coordinator: Coordinator) => void) => (event: AnyEvent) => {
  if (event.type === type) act((event as SessionEvent).coordinator);
};
const slow = { step: () => timer(10) };

test('fails the run at the next step boundary after background work failed', () => {
  const { log, times } = play(
    { ...slow, input: [1, 2, 3] },
    undefined,
    at('sessionCreated', (c) =>
      c.register(
        'w',
        concat(
          timer(15),
          throwError(() => new Error('behind')),
        ),
      ),
    ),
  );
  assert.equal(log, ['begin', 'created#1@0', 'before@0', 'step@1', 'before@1', 'step@2', '!behind']);
  assert.is(times.at(-1), 20);
});

test('fails the run also when the work fails at once, in the last step, or as the run ends', () => {
  const fail = (c: Coordinator): void =>
    c.register(
      'w',
      throwError(() => new Error('behind')),
    );
  for (const type of ['begin', 'sessionCreated', 'beforeStep', 'step', 'end']) {
    const { log } = play({ input: [1] }, undefined, at(type, fail));
    assert.is(log.at(-1), '!behind', type);
    assert.is(log.includes('end'), type === 'end');
  }
  const late = play(
    { input: [1] },
    undefined,
    at('sessionCreated', (c) =>
      c.register(
        'w',
        concat(
          NEVER.pipe(takeUntil(c.stop$)),
          throwError(() => new Error('behind')),
        ),
      ),
    ),
  );
  assert.equal(late.log.slice(-2), ['end', '!behind']);
});

test('recovers the run when the failure is one to recover from; the work is registered anew', () => {
  let registered = 0;
  const { log } = play(
    { ...slow, input: [1, 2], recover: { jitter: 0 } },
    undefined,
    at('sessionCreated', (c) => {
      if (registered++ === 0)
        c.register(
          'w',
          concat(
            timer(5),
            throwError(() => new UnavailableError('gone')),
          ),
        );
    }),
  );
  assert.is(registered, 2);
  assert.equal(log.slice(0, 5), ['begin', 'created#1@0', 'before@0', 'step@1', 'created#2@0']);
});

test('interrupts the wait for input, but not a step', () => {
  const input = { open: () => ({ next: () => NEVER, capture: () => ({ tensors: new Map() }), restore() {} }) };
  const { log, times } = play(
    { input },
    undefined,
    at('sessionCreated', (c) =>
      c.register(
        'w',
        concat(
          timer(7),
          throwError(() => new Error('behind')),
        ),
      ),
    ),
  );
  assert.equal(log, ['begin', 'created#1@0', '!behind']);
  assert.is(times.at(-1), 7);
});

test('tells work to stop when the run is over, and waits for it', () => {
  const finished: string[] = [];
  const { times } = play(
    {},
    undefined,
    at('sessionCreated', (c) =>
      c.register(
        'upload',
        concat(
          NEVER.pipe(takeUntil(c.stop$)),
          timer(500),
          new Observable((s) => {
            finished.push('upload');
            s.complete();
          }),
        ),
      ),
    ),
  );
  assert.equal(finished, ['upload']);
  assert.is(times.at(-1), 500);
});

test('waits for the grace period alone, names the stragglers in the log, and unsubscribes them', () => {
  const logger = keptLog();
  let isOpen = false;
  const { log, times } = play(
    { logger, stopGraceSeconds: 0.05 },
    undefined,
    at('sessionCreated', (c) =>
      c.register(
        'stubborn',
        new Observable(() => {
          isOpen = true;
          return () => {
            isOpen = false;
          };
        }),
      ),
    ),
  );
  assert.is(log.at(-1), '|');
  assert.is(times.at(-1), 50);
  assert.is(isOpen, false);
  assert.equal(logger.lines, ['warn: background work did not stop in time']);
  assert.equal(logger.fields, [{ stragglers: ['stubborn'] }]);
});

test('lets go of work at once when the run is cancelled', () => {
  let isOpen = true;
  let isTold = false;
  play({}, undefined, (event, subscription) => {
    if (event.type === 'sessionCreated') {
      const { coordinator } = event as SessionEvent;
      coordinator.stop$.subscribe(() => {
        isTold = true;
      });
      coordinator.register(
        'w',
        new Observable(() => () => {
          isOpen = false;
        }),
      );
    }
    if (event.type === 'step') subscription().unsubscribe();
  });
  assert.equal([isOpen, isTold], [false, true]);
});

test('tells late subscribers of stop$ at once, and refuses work that comes too late', () => {
  virtually((scheduler) => {
    const coordinator = new WorkCoordinator(() => {});
    const told: string[] = [];
    coordinator.stop$.subscribe({ next: () => told.push('early'), complete: () => told.push('done') });
    assert.throws(() => coordinator.register('w', 5 as never), /You provided '5'/);
    coordinator.register('quick', of(1));
    coordinator.stop(1, scheduler).subscribe((stragglers) => assert.equal(stragglers, []));
    coordinator.stop(1, scheduler).subscribe((stragglers) => assert.equal(stragglers, [], 'again'));
    coordinator.stop$.subscribe(() => told.push('late'));
    assert.equal(told, ['early', 'done', 'late']);
    assert.throws(() => coordinator.register('w', of(1)), /comes after the end/);
  });
});

test.run();
