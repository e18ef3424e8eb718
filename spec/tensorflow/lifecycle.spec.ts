// What TensorFlow 1's monitored sessions do, case by case (the numbers are those of our specification of it), and what
// ours do instead where they differ on purpose: those say "bettered".

import { concat, NEVER, Observable, of, takeUntil, throwError, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortedError } from '../../lib/error/aborted-error.js';
import { CombinedError } from '../../lib/error/combined-error.js';
import { FeedConflictError } from '../../lib/error/feed-conflict-error.js';
import { HookFailedError } from '../../lib/error/hook-failed-error.js';
import { UnavailableError } from '../../lib/error/unavailable-error.js';
import { type HookActions, hook } from '../../lib/hook/hook.js';
import { WorkCoordinator } from '../../lib/session/coordinator.js';
import type { AnyEvent, SessionCreatedEvent } from '../../lib/session/event.js';
import type { RestoreSource } from '../../lib/session/restore-source.js';
import { int64Scalar } from '../../lib/tensor/make-tensor.js';
import type { StateSnapshot } from '../../lib/tensor/state-snapshot.js';
import { keptLog, type Played, play, virtually } from '../session/play.js';

const test = suite("TensorFlow's session");

type Options = NonNullable<Parameters<typeof play>[0]>;

/** Plays a session under these hooks, named A, B, …; `calls` is what they and the session were called for. */
function train(hooks: readonly HookActions[], options: Options = {}): Played & { calls: string[] } {
  const calls: string[] = [];
  const played = play(
    {
      recover: { jitter: 0 },
      ...options,
      scaffold: options.scaffold ?? {
        create: () => {
          calls.push('create');
          return {};
        },
        dispose: () => void calls.push('close'),
      },
      step: (context) => {
        calls.push('step');
        return options.step?.(context);
      },
    },
    (session$) =>
      hooks.reduce<Observable<AnyEvent>>((source, actions, i) => {
        const name = 'ABC'[i] as string;
        const told = (method: keyof HookActions) => (event: never) => {
          calls.push(`${name}.${method}`);
          (actions[method] as ((event: never) => void) | undefined)?.(event);
        };
        const stages = ['begin', 'sessionCreated', 'beforeStep', 'step', 'end'] as const;
        return source.pipe(
          hook(name, () => Object.fromEntries(stages.map((stage) => [stage, told(stage)])) as HookActions),
        );
      }, session$),
  );
  return { ...played, calls };
}

/** Throws `error` the first `times` times. */
function failing(error: unknown, times = Number.POSITIVE_INFINITY): () => void {
  let count = 0;
  return () => {
    if (count++ < times) throw error;
  };
}

const ended = (calls: readonly string[]): boolean => calls.some((call) => call.endsWith('.end'));
const root = (error: unknown): unknown => (error instanceof HookFailedError ? error.cause : error);
const ordinary = new Error('ordinary');

test('case 1: hooks are called in list order, also at the end', () => {
  const round = ['A.beforeStep', 'B.beforeStep', 'step', 'A.step', 'B.step'];
  assert.equal(train([{}, {}]).calls, [
    ...['A.begin', 'B.begin', 'create', 'A.sessionCreated', 'B.sessionCreated'],
    ...round,
    ...round,
    ...['A.end', 'B.end', 'close'],
  ]);
});

test('case 2: one step is one call before and one after; nothing is fetched that nobody asked for', () => {
  let computed = 0;
  const { calls } = train([{}], { input: [1], fetches: { loss: () => computed++ } });
  assert.is(calls.filter((call) => call === 'A.beforeStep').length, 1);
  assert.is(calls.filter((call) => call === 'A.step').length, 1);
  assert.is(computed, 0);
});

test('case 3: a stop that is asked for in a step reaches the later hooks of that step first', () => {
  const { calls, log } = train([{ step: (event) => event.requestStop('enough') }, {}]);
  assert.equal(calls.slice(calls.indexOf('A.step')), ['A.step', 'B.step', 'A.end', 'B.end', 'close']);
  assert.is(log.at(-1), '|');
});

test('case 4: no hook is told of a step after the stop (bettered: there is no run to call wrongly)', () => {
  const { calls } = train([{ step: (event) => event.requestStop('enough') }], { input: [1, 2, 3] });
  assert.is(calls.filter((call) => call === 'A.beforeStep').length, 1);
});

test('case 5: the end of the input ends the run without an error and with every end', () => {
  const { calls, log } = train([{}, {}], { input: [1] });
  assert.equal(calls.slice(-3), ['A.end', 'B.end', 'close']);
  assert.is(calls.filter((call) => call === 'A.step').length, 1);
  assert.is(log.at(-1), '|');
});

test('case 6 (bettered): an end of input from inside a hook is a failure, not an end', () => {
  // Our end of input is a result, not an error: what a hook runs into by itself cannot be taken for it.
  const { calls, error } = train([
    {
      beforeStep: () => {
        const { done } = [][Symbol.iterator]().next();
        if (done === true) throw new Error('end of sequence');
      },
    },
  ]);
  assert.ok(error instanceof HookFailedError);
  assert.not.ok(ended(calls));
});

test('case 7: an error before a step leaves the run, without end, and the session is closed', () => {
  const { calls, error } = train([{ beforeStep: failing(ordinary) }, {}]);
  assert.is(root(error), ordinary);
  assert.equal(calls.slice(-2), ['A.beforeStep', 'close']);
});

test('case 8: an error in begin: later hooks are not begun, no session is created', () => {
  const { calls, error } = train([{}, { begin: failing(ordinary) }, {}]);
  assert.equal(calls, ['A.begin', 'B.begin']);
  assert.is(root(error), ordinary);
  // The same for an error that a step would recover from.
  assert.equal(train([{ begin: failing(new AbortedError('x')) }]).calls, ['A.begin']);
});

test('case 9: an error when the session was created: no end (bettered: the session is closed)', () => {
  const { calls, error } = train([{}, { sessionCreated: failing(ordinary) }]);
  assert.equal(calls.slice(-3), ['A.sessionCreated', 'B.sessionCreated', 'close']);
  assert.is(root(error), ordinary);
});

test('case 10: a creation that is aborted is tried again', () => {
  const abort = failing(new AbortedError('x'), 1);
  const { log } = train([{}], {
    scaffold: {
      create: () => {
        abort();
        return {};
      },
    },
  });
  assert.equal(log.slice(0, 3), ['begin', 'created#2@0', 'before@0']);
  assert.is(log.at(-1), '|');
});

/** The values of a counter that each step adds one to, as steps saw them; the 4th step is failed before it begins. */
function countWith(error: unknown, restore?: (value: () => number) => RestoreSource): number[] {
  const counter = { value: 0 };
  const seen: number[] = [];
  const failFourth = ((): (() => void) => {
    let calls = 0;
    return () => {
      if (++calls === 4) throw error;
    };
  })();
  const part = {
    capture: () => ({ tensors: new Map([['value', int64Scalar(counter.value)]]), json: counter.value }),
    restore: ({ json }: { json?: unknown }) => {
      counter.value = Number(json);
    },
  };
  let saved = 0;
  train(
    [
      {
        beforeStep: failFourth,
        step: () => {
          saved = counter.value;
        },
      },
    ],
    {
      input: [1, 2, 3, 4],
      scaffold: {
        create: () => {
          counter.value = 0;
          return { part };
        },
      },
      restore: restore?.(() => saved),
      step: () => void seen.push(++counter.value),
    },
  );
  return seen;
}

for (const [number, error] of [
  [11, new AbortedError('x')],
  [12, new UnavailableError('x')],
] as const) {
  test(`case ${number}: ${error.name} before the 4th step starts again from scratch, for nobody to see`, () => {
    assert.equal(countWith(error), [1, 2, 3, 1, 2, 3, 4]);
  });
}

test('case 13: with a save at each step, it goes on where it was', () => {
  const restore = (value: () => number): RestoreSource => ({
    load: () => {
      const step = value();
      if (step === 0) return of(undefined);
      const snapshot: StateSnapshot = {
        globalStep: step,
        tensors: new Map([['part/value', int64Scalar(step)]]),
        json: { parts: { part: step, input: { position: step } } },
      };
      return of({ from: { prefix: `ckpt-${step}`, globalStep: step, skipped: [] }, snapshot });
    },
  });
  assert.equal(countWith(new AbortedError('x'), restore), [1, 2, 3, 4]);
});

test('case 14: a recovery creates, with another coordinator, but does not begin', () => {
  const coordinators: unknown[] = [];
  const { calls } = train([
    { sessionCreated: (event) => coordinators.push(event.coordinator), step: failing(new AbortedError('x'), 1) },
  ]);
  assert.is(calls.filter((call) => call === 'A.begin').length, 1);
  assert.is(calls.filter((call) => call === 'A.sessionCreated').length, 2);
  assert.is.not(coordinators[0], coordinators[1]);
});

test('case 15: without recovery, Aborted is thrown and nothing is tried again', () => {
  const { calls, error } = train([{ beforeStep: failing(new AbortedError('x')) }], { recover: false });
  assert.ok(root(error) instanceof AbortedError);
  assert.is(calls.filter((call) => call === 'create').length, 1);
});

test('case 16: sessions that fail after some steps are replaced in turn, until making one fails', () => {
  let session = 0;
  let steps = 0;
  const none = new Error('no more sessions');
  const { log, error } = train([], {
    input: [1, 2, 3, 4, 5],
    scaffold: {
      create: () => {
        if (++session > 3) throw none;
        steps = 0;
        return {};
      },
    },
    step: () => {
      if (steps++ === session) throw new AbortedError('x');
    },
  });
  assert.is(error, none);
  const counts = log
    .join(' ')
    .split('created')
    .slice(1)
    .map((life) => life.split('step@').length - 1);
  assert.equal(counts, [1, 2, 3]);
});

/** Background work that fails with `error` while the second step is taken. */
const failsBehind = (error: unknown, perSession = 1) => {
  let registered = 0;
  return {
    sessionCreated: ({ coordinator }: SessionCreatedEvent) => {
      if (registered++ < perSession)
        coordinator.register(
          'work',
          concat(
            timer(15),
            throwError(() => error),
          ),
        );
    },
  };
};
const slow = { step: () => timer(10), input: [1, 2, 3] };

test('case 17: background work that reports Aborted makes a second session', () => {
  const { log } = train([failsBehind(new AbortedError('x'))], slow);
  assert.ok(log.includes('created#2@0'));
  assert.is(log.at(-1), '|');
});

test('case 18: with another error the step succeeds, then the run fails with it, in one session', () => {
  const { log, error, calls } = train([failsBehind(ordinary)], slow);
  assert.equal(log.slice(-2), ['step@2', '!ordinary']);
  assert.is(error, ordinary);
  assert.is(calls.filter((call) => call === 'create').length, 1);
});

test('case 19: a step that fails because of background work that was aborted is recovered from', () => {
  let isFirst = true;
  const cancelled = (): Observable<unknown> =>
    concat(
      timer(16),
      throwError(() => new Error('cancelled')),
    );
  const { log } = train([failsBehind(new AbortedError('x'))], {
    input: [1, 2],
    step: () => {
      if (!isFirst) return undefined;
      isFirst = false;
      return cancelled();
    },
  });
  assert.ok(log.includes('created#2@0'));
  assert.is(log.at(-1), '|');
});

test('case 20: an error that is told between steps fails the run at the next boundary (bettered: not one step later)', () => {
  const { log } = train([{ step: (event) => event.fail(ordinary) }]);
  assert.equal(log.slice(-2), ['step@1', '!ordinary']);
});

test('case 21: of a failing step and failing background work, both are told, the first first (bettered), no end', () => {
  const { error, calls } = train([failsBehind(ordinary)], {
    step: () =>
      concat(
        timer(20),
        throwError(() => new Error('step')),
      ),
  });
  assert.ok(error instanceof CombinedError);
  assert.equal(
    (error as CombinedError).errors.map((each) => (each as Error).message),
    ['ordinary', 'step'],
  );
  assert.not.ok(ended(calls));
});

test('case 22: an end of input from background work is a failure', () => {
  const { error, calls } = train([failsBehind(new Error('end of sequence'))], slow);
  assert.is((error as Error).message, 'end of sequence');
  assert.not.ok(ended(calls));
});

test('case 23 (bettered): closing twice is closing once', () => {
  let disposed = 0;
  let ends = 0;
  play(
    { scaffold: { create: () => ({}), dispose: () => void disposed++ } },
    (session$) => session$.pipe(hook('h', () => ({ end: () => void ends++ }))),
    (event, subscription) => {
      if (event.type !== 'end') return;
      subscription().unsubscribe();
      subscription().unsubscribe();
    },
  );
  assert.equal([disposed, ends], [1, 1]);
});

test('case 24: an error in end: later hooks get no end, the session is closed, the error is told', () => {
  const { calls, error } = train([{ end: failing(ordinary) }, {}]);
  assert.equal(calls.slice(-2), ['A.end', 'close']);
  assert.is(root(error), ordinary);
});

test('case 25: an end of input in end is thrown, not swallowed, and nothing is recovered there', () => {
  assert.is((root(train([{ end: failing(new Error('end of sequence')) }]).error) as Error).message, 'end of sequence');
  const { calls, error } = train([{ end: failing(new AbortedError('x')) }]);
  assert.ok(root(error) instanceof AbortedError);
  assert.is(calls.filter((call) => call === 'create').length, 1);
});

test('case 26: all background work has ended when a run has failed, and none before', () => {
  let working = 0;
  let atFailure = 0;
  const busy = (event: SessionCreatedEvent): void => {
    for (let i = 0; i < 3; i++) {
      event.coordinator.register(
        `work ${i}`,
        new Observable((subscriber) => {
          working++;
          subscriber.add(() => working--);
          subscriber.add(
            NEVER.pipe(takeUntil(event.coordinator.stop$)).subscribe({ complete: () => subscriber.complete() }),
          );
        }),
      );
    }
  };
  train([{ sessionCreated: busy }], {
    step: () => {
      atFailure = working;
      throw ordinary;
    },
  });
  assert.equal([atFailure, working], [3, 0]);
});

test('case 27: work that ignores the stop is waited for as long as the grace, and named in the log', () => {
  const logger = keptLog();
  const { log, times } = train([{ sessionCreated: (event) => event.coordinator.register('deaf', NEVER) }], {
    logger,
    stopGraceSeconds: 0.05,
  });
  assert.is(log.at(-1), '|');
  assert.is(times.at(-1), 50);
  assert.equal(logger.fields, [{ stragglers: ['deaf'] }]);
});

test('case 28: the set of fetches is frozen after begin; another run has its own', () => {
  const add: HookActions = { begin: (event) => event.addFetch('x', () => 1) };
  const options = { input: [1] };
  assert.is(train([add], options).log.at(-1), '|');
  assert.is(train([add], options).log.at(-1), '|');
  let begin: { addFetch(name: string, f: () => unknown): void } | undefined;
  const late = train([
    {
      begin: (event) => {
        begin = event;
      },
      sessionCreated: () => begin?.addFetch('y', () => 1),
    },
  ]);
  assert.match((late.error as Error).message, /fetch "y" was added after begin/);
});

test('case 29: what the step returns is told as it is; a stop asked for before the first step calls no step hook', () => {
  const outputs: unknown[] = [];
  train([{ step: (event) => outputs.push(event.outputs) }], { step: () => 'value', input: [1] });
  assert.equal(outputs, ['value']);
  const { calls } = train([{ sessionCreated: (event) => event.requestStop('at once') }]);
  assert.not.ok(calls.includes('A.beforeStep') || calls.includes('A.step'));
  assert.ok(calls.includes('A.end'));
});

test('case 30: a step that is aborted half-way is taken again from its start, effects and all', () => {
  const abort = failing(new AbortedError('x'), 1);
  let effects = 0;
  const { log } = train([], {
    input: [1],
    step: () => {
      effects++;
      abort();
    },
  });
  assert.is(effects, 2);
  assert.is(log.at(-1), '|');
});

test('case 31: the same when a hook aborts before the step (bettered: the step, not begun, has no effect twice)', () => {
  let effects = 0;
  const { log } = train([{ beforeStep: failing(new AbortedError('x'), 1) }], {
    input: [1],
    step: () => void effects++,
  });
  assert.is(effects, 1);
  assert.is(log.at(-1), '|');
});

test('case 32: hooks that fetch different things get each their own', () => {
  const got: unknown[] = [];
  train(
    [{ step: (event) => got.push(event.fetch('a')) }, { step: (event) => got.push(event.fetch('b'), event.outputs) }],
    {
      input: [1],
      fetches: { a: () => 'for A', b: () => 'for B' },
      step: () => 'own',
    },
  );
  assert.equal(got, ['for A', 'for B', 'own']);
});

test('case 33: hooks that feed different things feed all of them, and change nothing of the batch', () => {
  const batch = { rate: 1 };
  let fed: unknown;
  train([{ beforeStep: (e) => e.feed('a', 1) }, { beforeStep: (e) => e.feed('b', 2) }], {
    input: [batch],
    step: (context) => {
      fed = [...context.feeds];
    },
  });
  assert.equal(fed, [
    ['a', 1],
    ['b', 2],
  ]);
  assert.equal(batch, { rate: 1 });
});

test('case 34: two hooks that feed the same thing are an error before the step (bettered: that names both)', () => {
  const feed: HookActions = { beforeStep: (event) => event.feed('x', 1) };
  const { error, calls } = train([feed, feed, {}]);
  const conflict = root(error) as FeedConflictError;
  assert.ok(conflict instanceof FeedConflictError);
  assert.equal([conflict.key, conflict.firstHook, conflict.secondHook], ['x', 'A', 'B']);
  assert.not.ok(calls.includes('step') || calls.includes('C.beforeStep'));
});

test('case 35: left out: a caller has no feeds beside the batch', () => {
  let feeds = -1;
  train([], {
    input: [{ x: 1 }],
    step: (context) => {
      feeds = context.feeds.size;
    },
  });
  assert.is(feeds, 0);
});

test('case 36: a request for nothing changes nothing', () => {
  let requested = -1;
  const { log } = train([{ beforeStep: (event) => event.request() }], {
    step: (context) => {
      requested = context.requested.size;
    },
  });
  assert.is(requested, 0);
  assert.is(log.at(-1), '|');
});

test('cases 37, 38: left out: there are no options of raw runs to merge; events take none', () => {
  const { events } = train([], { input: [1] });
  for (const event of events) assert.not.ok('options' in event);
});

test('case 112: stop$ is quiet before the stop and tells after it', () => {
  virtually((scheduler) => {
    const coordinator = new WorkCoordinator(() => {});
    let told = 0;
    coordinator.stop$.subscribe(() => told++);
    assert.is(told, 0);
    coordinator.stop(1, scheduler).subscribe();
    coordinator.stop$.subscribe(() => told++);
    assert.is(told, 2);
  });
});

test('case 113: the first error is what the run fails with (bettered: later ones are told too)', () => {
  const { error } = train(
    [
      {
        sessionCreated: ({ coordinator }) => {
          coordinator.register(
            'a',
            concat(
              timer(5),
              throwError(() => new Error('first')),
            ),
          );
          coordinator.register(
            'b',
            concat(
              timer(6),
              throwError(() => new Error('second')),
            ),
          );
        },
      },
    ],
    slow,
  );
  assert.equal(
    (error as CombinedError).errors.map((each) => (each as Error).message),
    ['first', 'second'],
  );
  assert.is(((error as CombinedError).cause as Error).message, 'first');
});

test('case 114: background work that just completes ends nothing', () => {
  const { log } = train([{ sessionCreated: (event) => event.coordinator.register('short', of(1)) }]);
  assert.is(log.at(-1), '|');
});

test('case 115: an error that was told comes before stragglers', () => {
  const logger = keptLog();
  const { error, times } = train(
    [
      {
        sessionCreated: ({ coordinator }) => {
          coordinator.register('deaf', NEVER);
          coordinator.register(
            'fails',
            concat(
              timer(5),
              throwError(() => ordinary),
            ),
          );
        },
      },
    ],
    { ...slow, logger, stopGraceSeconds: 1 },
  );
  assert.is(error, ordinary);
  assert.is(times.at(-1), 1010);
  assert.ok(logger.lines.includes('warn: background work did not stop in time'));
});

test('case 116: a loop beside the run goes on until the stop, and its error stops the run', () => {
  let rounds = 0;
  const loop = (event: SessionCreatedEvent) =>
    timer(0, 3).pipe(
      takeUntil(event.coordinator.stop$),
      (rounds$) =>
        new Observable((s) =>
          rounds$.subscribe({
            next: () => void rounds++,
            complete: () => s.complete(),
          }),
        ),
    );
  train([{ sessionCreated: (event) => event.coordinator.register('looper', loop(event)) }], slow);
  assert.is(rounds, 11, 'at 0, 3, …, 30 ms');
  const failing$ = concat(
    timer(3),
    throwError(() => ordinary),
  );
  const { error } = train([{ sessionCreated: ({ coordinator }) => coordinator.register('looper', failing$) }], slow);
  assert.is(error, ordinary);
});

test.run();
