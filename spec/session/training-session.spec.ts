import { concat, EMPTY, NEVER, Observable, of, Subject, share, take, tap, throwError, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CombinedError } from '../../lib/error/combined-error.js';
import { EventPassedError } from '../../lib/error/event-passed-error.js';
import { HoldTimeoutError } from '../../lib/error/hold-timeout-error.js';
import { UnavailableError } from '../../lib/error/unavailable-error.js';
import type { AnyEvent, SessionEvent, StepEvent } from '../../lib/session/event.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { keptLog, play, quietSession, record, virtually, wordOf } from './play.js';

const test = suite('trainingSession');

const WHOLE = ['begin', 'created#1@0', 'before@0', 'step@1', 'before@1', 'step@2', 'end', '|'];
const EVENTS = ['begin', 'created#1@0', 'before@0', 'step@1', 'before@1', 'step@2', 'end'];

const lifecycle = (event: AnyEvent): SessionEvent => event as SessionEvent;
const recovering = { initialDelaySeconds: 1, jitter: 0 };

test('tells its life in order', () => {
  assert.equal(play().log, WHOLE);
});

test('begins in a turn of its own, so that sharing subscribers are one run', () => {
  let runs = 0;
  virtually((scheduler) => {
    const shared = quietSession({
      scheduler,
      scaffold: {
        create: () => {
          runs++;
          return {};
        },
      },
    }).pipe(share());
    const first = record(shared);
    const second = record(shared);
    scheduler.schedule(() => {
      assert.equal(first.log, WHOLE);
      assert.equal(second.log, WHOLE);
    }, 1);
  });
  assert.is(runs, 1);
});

test('never begins when it is cancelled at once', () => {
  virtually((scheduler) => {
    const log: string[] = [];
    quietSession({ scheduler })
      .subscribe((event) => log.push(event.type))
      .unsubscribe();
    scheduler.schedule(() => assert.equal(log, []), 1);
  });
});

test('is cold: each subscription is a run of its own, also several times over', () => {
  virtually((scheduler) => {
    const states: object[] = [];
    const session = quietSession({
      scheduler,
      scaffold: {
        create: () => {
          const state = {};
          states.push(state);
          return state;
        },
      },
    });
    const [first, second] = [record(session), record(session)];
    scheduler.schedule(() => {
      assert.equal(first.log, WHOLE);
      assert.equal(second.log, WHOLE);
      assert.is(states.length, 2);
    }, 1);
  });
});

test('takes values, promises, observables, and observables of nothing for what a step returns', async () => {
  const steps: [() => unknown, unknown][] = [
    [() => 5, 5],
    [() => [1, 2], [1, 2]],
    [() => undefined, undefined],
    [() => of(1, 2, 3), 3],
    [() => EMPTY, undefined],
    [() => timer(3), 0],
    [() => Promise.resolve('p'), 'p'],
  ];
  for (const [step, expected] of steps) {
    const outputs = await new Promise<unknown>((resolve, reject) => {
      quietSession({ step, input: [1] }).subscribe({
        next: (event) => event.type === 'step' && resolve((event as StepEvent).outputs),
        error: reject,
      });
    });
    assert.equal(outputs, expected);
  }
});

test('takes every kind of input', async () => {
  const kinds: [string, () => object | string, number][] = [
    ['array', () => [1, 2, 3], 3],
    ['string', () => 'ab', 2],
    ['set', () => new Set([1]), 1],
    ['empty', () => [], 0],
    [
      'generator',
      () =>
        (function* () {
          yield 1;
          yield 2;
        })(),
      2,
    ],
    [
      'async generator',
      () =>
        (async function* () {
          yield 1;
          yield 2;
        })(),
      2,
    ],
  ];
  for (const [name, input, steps] of kinds) {
    const log = await new Promise<string[]>((resolve, reject) => {
      const words: string[] = [];
      quietSession({ input: input() as Iterable<unknown> }).subscribe({
        next: (event) => words.push(wordOf(event)),
        error: reject,
        complete: () => resolve(words),
      });
    });
    assert.is(log.filter((word) => word.startsWith('step')).length, steps, name);
    assert.is(log.at(-1), 'end', name);
  }
});

test('refuses wrong options at once', () => {
  const scaffold = { create: () => ({}) };
  const step = () => {};
  assert.throws(() => trainingSession({ scaffold: {} as never, step }), /expected an object with create\(\)/);
  assert.throws(() => trainingSession({ scaffold, step: 3 as never }), /expected a function, received 3/);
  assert.throws(() => trainingSession({ scaffold, step, input: 5 as never }), /expected an iterable, .*, received 5$/);
  assert.throws(() => trainingSession({ scaffold, step, restore: 'runs/1' as never }), /received "runs\/1"$/);
  assert.throws(
    () => trainingSession({ scaffold, step, fetches: { a: 3 as never } }),
    /\(fetches\): .* "a", received 3/,
  );
  assert.throws(() => trainingSession({ scaffold, step, logger: {} as never }), /\(logger\): .*, received an object/);
  assert.throws(() => trainingSession({ scaffold, step, signal: 5 as never }), /\(signal\): expected an AbortSignal/);
  assert.throws(
    () => trainingSession({ scaffold, step, recover: { retries: 3 } as never }),
    /unknown option "retries"/,
  );
  assert.throws(() => trainingSession({ scaffold, step, stopGraceSeconds: -1 }), /trainingSession\(stopGraceSeconds\)/);
  assert.throws(() => trainingSession({ scaffold, step, sliceMilliseconds: Number.NaN }), /sliceMilliseconds/);
  assert.throws(() => trainingSession({ scaffold, step, holdLimitSeconds: -1 }), /holdLimitSeconds/);
  assert.throws(() => trainingSession({ scaffold, step, recover: { maxRetries: -1 } }), /recover.maxRetries/);
});

// ---- stopping

for (const [at, word] of EVENTS.entries()) {
  test(`honours a stop that is asked for at ${word} (event ${at})`, () => {
    const { log, events } = play({ input: [1, 2, 3, 4] }, undefined, (event) => {
      if (wordOf(event) === word) {
        lifecycle(event).requestStop('enough');
        lifecycle(event).requestStop('a second reason counts for nothing');
      }
    });
    // The step that was begun is taken and told; then comes the end.
    const taken = at < 2 ? 2 : at < 4 ? 4 : at < 6 ? 6 : 10;
    assert.equal(log.slice(-2), ['end', '|']);
    assert.is(log.length, taken + 2);
    const end = events.at(-1);
    if (at < 6) {
      assert.is((end as { cause?: string }).cause, 'stopRequested');
      assert.is((end as { reason?: string }).reason, 'enough');
    }
  });
}

test('keeps a stop through a recovery, and through the failure that came with it', () => {
  const { log } = play({ recover: recovering }, undefined, (event) => {
    if (wordOf(event) === 'step@1' && lifecycle(event)) {
      lifecycle(event).requestStop('enough');
      lifecycle(event).fail(new UnavailableError('gone'));
    }
  });
  assert.equal(log, ['begin', 'created#1@0', 'before@0', 'step@1', 'created#2@0', 'end', '|']);
});

test('cuts the delay of a recovery short when a stop is asked for', () => {
  virtually((scheduler) => {
    const controller = new AbortController();
    const played = record(
      quietSession({
        scheduler,
        signal: controller.signal,
        recover: { initialDelaySeconds: 50, jitter: 0 },
        step: () => throwError(() => new UnavailableError('gone')),
      }),
      () => scheduler.now(),
    );
    scheduler.schedule(() => controller.abort('button'), 2000);
    scheduler.schedule(() => {
      assert.equal(played.log, ['begin', 'created#1@0', 'before@0', 'created#2@0', 'end', '|']);
      assert.is(played.times.at(-1), 2000);
    }, 60_000);
  });
});

test('does not wait for the input when a stop is asked for', () => {
  virtually((scheduler) => {
    const controller = new AbortController();
    const endless = { open: () => ({ next: () => NEVER, capture: () => ({ tensors: new Map() }), restore() {} }) };
    const played = record(quietSession({ scheduler, signal: controller.signal, input: endless }));
    scheduler.schedule(() => controller.abort(new Error('SIGTERM')), 5);
    scheduler.schedule(() => {
      assert.equal(played.log, ['begin', 'created#1@0', 'end', '|']);
      assert.is((played.events.at(-1) as { reason?: string }).reason, 'aborted: SIGTERM');
    }, 6);
  });
});

test('ends in order when its signal was aborted before it began, and lets go of the signal', () => {
  const controller = new AbortController();
  controller.abort('early');
  assert.equal(play({ signal: controller.signal }).log, ['begin', 'created#1@0', 'end', '|']);

  let listeners = 0;
  const late = new AbortController();
  const { signal } = late;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...args: Parameters<typeof add>): void => {
    listeners++;
    add(...args);
  };
  signal.removeEventListener = (...args: Parameters<typeof remove>): void => {
    listeners--;
    remove(...args);
  };
  assert.equal(play({ signal }).log, WHOLE);
  assert.is(listeners, 0);
  late.abort();
});

// ---- cancelling

for (const word of EVENTS) {
  test(`is cancelled at ${word}: nothing more is told, begun or kept`, () => {
    const calls: string[] = [];
    const { log } = play(
      {
        scaffold: {
          create: () => {
            calls.push('create');
            return {};
          },
          dispose: () => {
            calls.push('dispose');
          },
        },
        step: () => calls.push('step'),
      },
      undefined,
      (event, subscription) => {
        if (wordOf(event) !== word) return;
        lifecycle(event).waitUntil(new Observable(() => void calls.push('held')));
        subscription().unsubscribe();
        calls.push('cancelled');
      },
    );
    assert.is(log.at(-1), word);
    assert.not.ok(calls.slice(calls.indexOf('cancelled')).includes('step'));
    assert.not.ok(calls.includes('held'));
    const count = (call: string): number => calls.filter((each) => each === call).length;
    assert.is(count('create'), word === 'begin' ? 0 : 1);
    assert.is(count('dispose'), count('create'));
  });
}

test('is cancelled by operators as by hand', () => {
  let disposed = 0;
  const { log } = play({ scaffold: { create: () => ({}), dispose: () => void disposed++ } }, (s) => s.pipe(take(3)));
  assert.equal(log, ['begin', 'created#1@0', 'before@0', '|']);
  assert.is(disposed, 1);
});

test('disposes of the state only when the step that was cancelled has let go of it', () => {
  const calls: string[] = [];
  play(
    {
      scaffold: { create: () => ({}), dispose: () => void calls.push('dispose') },
      step: ({ signal }) => {
        calls.push('step begins');
        stop.next();
        calls.push(signal.aborted ? 'step ends, aborted' : 'step ends');
      },
    },
    (session$) =>
      new Observable((s) => {
        const subscription = session$.subscribe(s);
        stop.subscribe(() => subscription.unsubscribe());
        return subscription;
      }),
  );
  assert.equal(calls, ['step begins', 'step ends, aborted', 'dispose']);
});

const stop = new Subject<void>();

test('waits for a promise before it disposes of what that may use', async () => {
  const calls: string[] = [];
  let finish: (() => void) | undefined;
  const subscription = quietSession({
    scaffold: { create: () => ({}), dispose: () => void calls.push('dispose') },
    step: () =>
      new Promise<void>((resolve) => {
        finish = resolve;
      }),
  }).subscribe();
  while (finish === undefined) await new Promise((resolve) => setImmediate(resolve));
  subscription.unsubscribe();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(calls, []);
  (finish as () => void)();
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(calls, ['dispose']);
});

test('disposes of a state that arrives after the cancel', async () => {
  const calls: string[] = [];
  let give = (_: object): void => {};
  const subscription = quietSession({
    scaffold: {
      create: () =>
        new Promise<Record<string, never>>((resolve) => {
          calls.push('create');
          give = resolve as never;
        }),
      dispose: () => void calls.push('dispose'),
    },
  }).subscribe();
  await new Promise((resolve) => setImmediate(resolve));
  subscription.unsubscribe();
  give({});
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(calls, ['create', 'dispose']);
});

test('unsubscribes a step that never settles', () => {
  virtually((scheduler) => {
    let isOpen = false;
    const subscription = quietSession({
      scheduler,
      step: () =>
        new Observable(() => {
          isOpen = true;
          return () => {
            isOpen = false;
          };
        }),
    }).subscribe();
    scheduler.schedule(() => {
      assert.is(isOpen, true);
      subscription.unsubscribe();
      assert.is(isOpen, false);
    }, 100);
  });
});

// ---- holding

for (const word of EVENTS) {
  test(`is held at ${word} until the work is done`, () => {
    const { log, times } = play({}, undefined, (event) => {
      if (wordOf(event) === word) lifecycle(event).waitUntil(timer(70));
    });
    // The timers of RxJS take their virtual time from the scheduler of the run.
    const at = log.indexOf(word);
    assert.equal(log, WHOLE);
    assert.is((times[at + 1] as number) - (times[at] as number), 70);
  });

  test(`refuses a hold of ${word} when its moment is over`, () => {
    const held: AnyEvent[] = [];
    const { events } = play({}, undefined, (event) => held.push(event));
    for (const event of events) {
      if (wordOf(event) === word)
        assert.throws(
          () => lifecycle(event).waitUntil(EMPTY),
          (e: Error) => e instanceof EventPassedError && /waitUntil/.test(e.message),
        );
    }
    assert.is(held.length, 7);
  });

  test(`fails when work that holds ${word} fails`, () => {
    const { log } = play({}, undefined, (event) => {
      if (wordOf(event) === word) lifecycle(event).waitUntil(throwError(() => new Error('no')));
    });
    assert.equal(log, [...WHOLE.slice(0, WHOLE.indexOf(word) + 1), '!no']);
  });
}

test('begins holds one after another, also those that are added by a hold', () => {
  const order: string[] = [];
  const work = (name: string, ms: number) =>
    concat(
      tapped(() => order.push(`${name} begins`)),
      timer(ms),
      tapped(() => order.push(`${name} ends`)),
    );
  play({ input: [1] }, undefined, (event) => {
    if (event.type !== 'step') return;
    const step = lifecycle(event);
    step.waitUntil(
      concat(
        work('a', 5),
        tapped(() => step.waitUntil(work('c', 1))),
      ),
    );
    step.waitUntil(work('b', 1));
  });
  assert.equal(order, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
});

function tapped(effect: () => void): Observable<never> {
  return new Observable((subscriber) => {
    effect();
    subscriber.complete();
  });
}

test('gives a rejected promise to the run, also when it waits for its turn', async () => {
  const error = await new Promise<unknown>((resolve) => {
    quietSession().subscribe({
      next: (event) => {
        if (wordOf(event) !== 'step@1') return;
        lifecycle(event).waitUntil(timer(20));
        lifecycle(event).waitUntil(Promise.reject(new Error('rejected')));
      },
      error: resolve,
    });
  });
  assert.is((error as Error).message, 'rejected');
});

test('fails a hold that takes longer than the limit, and names the event', () => {
  const { error, times } = play({ holdLimitSeconds: 3 }, undefined, (event) => {
    if (wordOf(event) === 'step@1') lifecycle(event).waitUntil(NEVER);
  });
  assert.ok(error instanceof HoldTimeoutError);
  assert.match((error as Error).message, /did not finish step within 3 s/);
  assert.is(times.at(-1), 3000);
});

test('takes up a failure that is told while a hold goes on when the hold is done', () => {
  const { log, times } = play({}, undefined, (event) => {
    if (wordOf(event) !== 'step@1') return;
    lifecycle(event).waitUntil(timer(100));
    lifecycle(event).coordinator.register(
      'w',
      concat(
        timer(10),
        throwError(() => new Error('behind')),
      ),
    );
  });
  assert.equal(log, ['begin', 'created#1@0', 'before@0', 'step@1', '!behind']);
  assert.is(times.at(-1), 100);
});

// ---- failing

test('closes and fails once, whatever fails', () => {
  const places: [string, Parameters<typeof play>[0], readonly string[]][] = [
    [
      'create throws',
      {
        scaffold: {
          create: () => {
            throw new Error('x');
          },
        },
      },
      ['begin', '!x'],
    ],
    ['create rejects', { scaffold: { create: () => throwError(() => new Error('x')) } }, ['begin', '!x']],
    [
      'create is empty',
      { scaffold: { create: () => EMPTY } },
      ['begin', '!scaffold.create(): expected a state, but it completed without one'],
    ],
    [
      'restore throws',
      {
        restore: {
          load: () => {
            throw new Error('x');
          },
        },
      },
      ['begin', '!x'],
    ],
    ['restore fails', { restore: { load: () => throwError(() => new Error('x')) } }, ['begin', '!x']],
    ['restore is empty', { restore: { load: () => EMPTY } }, WHOLE],
    [
      'step throws',
      {
        step: () => {
          throw new Error('x');
        },
      },
      ['begin', 'created#1@0', 'before@0', '!x'],
    ],
    ['step fails', { step: () => throwError(() => new Error('x')) }, ['begin', 'created#1@0', 'before@0', '!x']],
    [
      'input throws',
      {
        input: {
          *[Symbol.iterator]() {
            yield 1;
            throw new Error('x');
          },
        },
      },
      ['begin', 'created#1@0', 'before@0', 'step@1', '!x'],
    ],
    [
      'input gives undefined',
      { input: [1, undefined] },
      ['begin', 'created#1@0', 'before@0', 'step@1', '!trainingSession(input): batch 1 is undefined'],
    ],
    [
      'string',
      {
        step: () => {
          throw 'words';
        },
      },
      ['begin', 'created#1@0', 'before@0', '!words'],
    ],
    [
      'null',
      {
        step: () => {
          throw null;
        },
      },
      ['begin', 'created#1@0', 'before@0', '!null'],
    ],
  ];
  for (const [name, options, expected] of places) {
    let created = 0;
    let disposed = 0;
    const create = options?.scaffold?.create ?? (() => ({}));
    const scaffold = {
      create: () => {
        const state = create();
        if (!(state instanceof Observable)) created++;
        return state;
      },
      dispose: () => void disposed++,
    };
    assert.equal(play({ ...options, scaffold } as never).log, expected, name);
    assert.is(disposed, created, `${name}: states disposed of`);
  }
});

test('tells all errors, in order, when closing fails as well', () => {
  const { error } = play({
    scaffold: { create: () => ({}), dispose: () => throwError(() => new Error('dispose')) },
    input: {
      [Symbol.iterator]: () => ({
        next: () => ({ done: false, value: 1 }),
        return: () => {
          throw new Error('close');
        },
      }),
    } as Iterable<number>,
    step: () => {
      throw new Error('step');
    },
  });
  assert.ok(error instanceof CombinedError);
  assert.equal(
    (error as CombinedError).errors.map((each) => (each as Error).message),
    ['step', 'close', 'dispose'],
  );
  assert.is((error as Error).cause, (error as CombinedError).errors[0]);
  assert.match((error as Error).message, /3 errors:\n {2}1\. step\n {2}2\. close\n {2}3\. dispose/);
});

test('fails when only the closing fails, after end', () => {
  const { log } = play({
    scaffold: {
      create: () => ({}),
      dispose: () => {
        throw new Error('dispose');
      },
    },
  });
  assert.equal(log, [...EVENTS, '!dispose']);
});

test('takes a failure told in the last step for a failure, without end', () => {
  const { log } = play({ input: [1] }, undefined, (event) => {
    if (event.type === 'step') lifecycle(event).fail(new Error('late'));
  });
  assert.equal(log, ['begin', 'created#1@0', 'before@0', 'step@1', '!late']);
});

test('goes by the first failure, and adds what follows', () => {
  const { error, log } = play({}, undefined, (event) => {
    if (event.type !== 'beforeStep') return;
    lifecycle(event).fail(new Error('first'));
    lifecycle(event).fail(new Error('second'));
  });
  assert.equal(log.slice(0, 3), ['begin', 'created#1@0', 'before@0']);
  assert.equal(
    (error as CombinedError).errors.map((each) => (each as Error).message),
    ['first', 'second'],
  );
});

test('survives errors that cannot be described, and logs that cannot be written', () => {
  const nasty = Object.defineProperty(new Error('x'), 'cause', {
    get: () => {
      throw new Error('getter');
    },
  });
  const broken = (): never => {
    throw new Error('log');
  };
  const logger = { debug: broken, info: broken, warn: broken, error: broken };
  const { error } = play({
    logger,
    step: () => {
      throw nasty;
    },
  });
  assert.is(error, nasty);
  assert.equal(
    play({
      logger,
      step: () => {
        throw new UnavailableError('x');
      },
      recover: { maxRetries: 1, jitter: 0 },
    }).log.slice(-1),
    ['!x'],
  );
});

test('writes down what fails after the cancel', () => {
  const logger = keptLog();
  play(
    {
      logger,
      scaffold: {
        create: () => ({}),
        dispose: () => {
          throw new Error('x');
        },
      },
    },
    undefined,
    (event, s) => {
      if (event.type === 'step') s().unsubscribe();
    },
  );
  assert.equal(logger.lines, ['error: a cancelled run could not be closed in order']);
});

test('refuses a generator that was read before, in a second run and in a recovery', () => {
  const spent = (function* () {
    yield 1;
    yield 2;
  })();
  assert.equal(play({ input: spent }).log, WHOLE);
  assert.match(play({ input: spent }).log.at(-1) as string, /read from its start/);
  const fresh = (function* () {
    yield 1;
    yield 2;
  })();
  const { log } = play({
    input: fresh,
    recover: recovering,
    step: () => {
      throw new UnavailableError('x');
    },
  });
  assert.match(log.at(-1) as string, /read from its start/);
});

test('counts a step as many as it says', () => {
  const { log } = play({
    step: (context) => context.advanceBy(context.globalStep === 0 ? 0 : 10),
    input: [1, 2, 3],
  });
  assert.equal(log, [
    'begin',
    'created#1@0',
    'before@0',
    'step@0',
    'before@0',
    'step@0',
    'before@0',
    'step@0',
    'end',
    '|',
  ]);
  assert.equal(play({ step: (context) => context.advanceBy(10), input: [1, 2] }).log.slice(3, 6), [
    'step@10',
    'before@10',
    'step@20',
  ]);
  assert.match(
    play({ step: (context) => context.advanceBy(-1) }).log.at(-1) as string,
    /whole number from 0, received -1/,
  );
});

test('keeps the order of events for every listener under calls from inside of them', () => {
  const second: string[] = [];
  const { log } = play({}, (session$) =>
    session$.pipe(
      tap((event) => {
        const it = lifecycle(event);
        it.requestStop('again and again');
        it.waitUntil(of(1));
        second.push(wordOf(event));
      }),
    ),
  );
  assert.equal([...second, '|'], log);
});

test.run();
