import { catchError, delay, EMPTY, filter, ignoreElements, interval, map, merge, tap, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Hook, hook } from '../../lib/hook/hook.js';
import { StepEvent } from '../../lib/session/event.js';
import { HookEvent } from '../../lib/session/hook-event.js';
import { hookLaws } from '../../lib/testing/hook-laws.js';
import { LawViolationError } from '../../lib/testing/law-violation-error.js';
import { MarbleMismatchError } from '../../lib/testing/marble-mismatch-error.js';

const test = suite('hookLaws');

class NoteEvent extends HookEvent {
  readonly type = 'note';
}

/** The laws that a hook breaks. */
function brokenBy(factory: () => Hook<HookEvent, { readonly loss: number }>): string[] {
  const broken: string[] = [];
  hookLaws({
    factory,
    test: (name, body) => {
      try {
        body();
      } catch (error) {
        if (!(error instanceof LawViolationError || error instanceof MarbleMismatchError)) throw error;
        broken.push(name.replace('law: ', ''));
      }
    },
  });
  return broken;
}

const MIRRORS = 'passes lifecycle events on: the same ones, in order, at once';
const REAL = 'mirrors a real session, which comes to its end';

const lawful: [name: string, factory: () => Hook<HookEvent, { readonly loss: number }>][] = [
  ['a hook that does nothing', () => hook('idle', () => ({}))],
  [
    'a hook that holds, stops and adds events',
    () =>
      hook<NoteEvent>('busy', ({ emit }) => ({
        begin: (event) => event.track('busy', { capture: () => ({ tensors: new Map() }), restore() {} }),
        step: (event) => {
          event.waitUntil(timer(3).pipe(tap(() => emit(new NoteEvent()))));
          if (event.globalStep === 2) event.requestStop('enough');
        },
        end: (event) => event.waitUntil(timer(50)),
      })),
  ],
  [
    'a hook with background work that ends when it is told to',
    () =>
      hook('background', () => ({
        sessionCreated: ({ coordinator }) => coordinator.register('work', coordinator.stop$.pipe(delay(5))),
      })),
  ],
  [
    'a hook with a timer that it clears',
    () =>
      hook('clock', () => {
        const subscription = interval(10).subscribe();
        return { teardown: () => subscription.unsubscribe() };
      }),
  ],
];
for (const [name, factory] of lawful) {
  test(`are kept by ${name}`, () => assert.equal(brokenBy(factory), []));
}

test('find one that drops events', () => {
  const factory = (): Hook => (source) => source.pipe(filter(({ type }) => type !== 'beforeStep'));
  assert.equal(brokenBy(factory).slice(0, 2), [MIRRORS, 'bears a run that ends early']);
  assert.ok(brokenBy(factory).includes(REAL));
});

test('find one that passes on copies', () => {
  const copy = <E>(event: E): E =>
    event instanceof StepEvent ? (Object.assign(Object.create(StepEvent.prototype), event) as E) : event;
  const factory = (): Hook => (source) => source.pipe(map(copy));
  assert.ok(brokenBy(factory).includes(MIRRORS));
});

test('find one that delays events', () => {
  const factory = (): Hook => (source) => source.pipe(delay(1));
  assert.ok(brokenBy(factory).includes(MIRRORS));
  assert.ok(brokenBy(factory).includes(REAL));
});

test('find one that shares its state among runs', () => {
  const factory = (): Hook => {
    let steps = 0;
    return hook('stop', () => ({
      step: (event) => {
        if (++steps === 5) event.requestStop('five steps');
      },
    }));
  };
  assert.equal(brokenBy(factory), ['starts afresh for each run']);
});

test('find one that leaves a timer behind', () => {
  const factory = (): Hook =>
    hook('clock', () => {
      interval(10_000).subscribe();
      return {};
    });
  const broken = brokenBy(factory);
  assert.ok(broken.includes('lets go of its source and its timers when it is unsubscribed'));
  assert.ok(broken.includes('goes when a real session is cancelled'));
});

test('find one that waits for a promise', () => {
  const factory = (): Hook => hook('promising', () => ({ step: (event) => event.waitUntil(Promise.resolve()) }));
  assert.ok(brokenBy(factory).includes(REAL));
});

test('find one that fails', () => {
  const factory = (): Hook =>
    hook('failing', () => ({
      step: () => {
        throw new Error('boom');
      },
    }));
  const broken = brokenBy(factory);
  assert.ok(broken.includes(MIRRORS));
  assert.ok(broken.includes(REAL));
});

test('find one that turns an error into an end', () => {
  const factory = (): Hook => (source) => source.pipe(catchError(() => EMPTY));
  assert.equal(brokenBy(factory), [
    'bears a run that ends early',
    'passes on the error of its source',
    'passes on the error of a real session, whose state is disposed of',
    'bears the failure of a hook after it',
  ]);
});

test('find one that subscribes twice', () => {
  const factory = (): Hook => (source) => merge(source, source.pipe(ignoreElements()));
  assert.ok(brokenBy(factory).includes('subscribes to its source once, when it is subscribed to'));
});

test.run();
