import { map, Observable, of, share, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HookFailedError } from '../../lib/error/hook-failed-error.js';
import { UnavailableError } from '../../lib/error/unavailable-error.js';
import { type HookActions, type HookOutput, hook } from '../../lib/hook/hook.js';
import type { AnyEvent } from '../../lib/session/event.js';
import { HookEvent } from '../../lib/session/hook-event.js';
import { keptLog, type Played, play, quietSession } from '../session/play.js';

const test = suite('hook');

class Note extends HookEvent {
  readonly type = 'note';

  constructor(readonly text: string) {
    super();
  }
}

type Act = (output: HookOutput<Note>, log: string[]) => HookActions;
type Step = (session$: Observable<AnyEvent>) => Observable<AnyEvent>;

const STAGES = ['begin', 'sessionCreated', 'beforeStep', 'step', 'end'] as const;
const plain: Step = (source) => source.pipe(map((event) => event));

/** Plays hooks side by side, and with an operator of RxJS's between them; both must do the same. */
function both(acts: readonly Act[], options: Parameters<typeof play>[0] = {}): { played: Played; log: string[] } {
  const [fused, apart] = [false, true].map((isApart) => {
    const log: string[] = [];
    const pipe: Step = (session$) =>
      acts.reduce<Observable<AnyEvent>>((source, act, i) => {
        const hooked = source.pipe(hook<Note>('abc'[i] as string, (output) => act(output, log)));
        return isApart ? plain(hooked) : hooked;
      }, session$);
    return { played: play(options, pipe), log };
  }) as [{ played: Played; log: string[] }, { played: Played; log: string[] }];
  assert.equal(apart.log, fused.log, 'fused and apart differ in what hooks were told');
  assert.equal(apart.played.log, fused.played.log, 'fused and apart differ in what came out');
  return fused;
}

/** Writes down all that the hook is told. */
const witness =
  (name: string): Act =>
  (_, log) => ({
    begin: () => log.push(`${name} begin`),
    sessionCreated: () => log.push(`${name} created`),
    beforeStep: () => log.push(`${name} before`),
    step: () => log.push(`${name} step`),
    end: () => log.push(`${name} end`),
    hookEvent: (event) => log.push(`${name} hears ${(event as Note).text}`),
    error: (error) => log.push(`${name} error ${(error as Error).message}`),
    complete: () => log.push(`${name} complete`),
    teardown: () => log.push(`${name} teardown`),
  });

test('lets every event pass, the very same, in order', () => {
  const before: AnyEvent[] = [];
  const { events } = play({}, (session$) =>
    session$.pipe(
      map((event) => {
        before.push(event);
        return event;
      }),
      hook('a', () => ({ step: () => {} })),
      hook('b', () => ({})),
    ),
  );
  assert.is(events.length, 7);
  for (const [i, event] of events.entries()) assert.is(event, before[i]);
});

test('tells hooks in order, the end of the run too, and tears them down in reverse', () => {
  const { log } = both([witness('a'), witness('b')], { input: [1] });
  assert.equal(log, [
    ...['begin', 'created', 'before', 'step', 'end', 'complete'].flatMap((stage) => [`a ${stage}`, `b ${stage}`]),
    'b teardown',
    'a teardown',
  ]);
});

test('tells hooks of a failure, and tears them down in reverse', () => {
  const { log } = both([witness('a'), witness('b')], { step: () => throwError(() => new Error('x')) });
  assert.equal(log.slice(-4), ['a error x', 'b error x', 'b teardown', 'a teardown']);
});

for (const stage of STAGES) {
  test(`fails the run when a hook throws in ${stage}: later hooks are not told, all are torn down`, () => {
    const thrower: Act = () => ({
      [stage]: () => {
        throw new Error('broken');
      },
    });
    const { played, log } = both([witness('a'), thrower, witness('c')]);
    const error = played.error as HookFailedError;
    assert.ok(error instanceof HookFailedError);
    const step = stage === 'step' ? 1 : stage === 'end' ? 2 : 0;
    assert.is(
      error.message,
      stage === 'begin' ? 'hook "b" failed in begin: broken' : `hook "b" failed in ${stage} of step ${step}: broken`,
    );
    assert.is(error.hook, 'b');
    assert.is((error.cause as Error).message, 'broken');
    const short = stage === 'sessionCreated' ? 'created' : stage === 'beforeStep' ? 'before' : stage;
    const at = log.indexOf(`a ${short}`);
    assert.equal(log.slice(at + 1), [
      `a error ${error.message}`,
      `c error ${error.message}`,
      'c teardown',
      'a teardown',
    ]);
  });

  test(`fails the run when work that a hook waits for fails in ${stage}`, () => {
    for (const work of [
      () => throwError(() => new Error('late')),
      () => new Observable((s) => s.error(new Error('late'))),
    ]) {
      const { played } = both([
        () => ({ [stage]: (event: { waitUntil(w: unknown): void }) => event.waitUntil(work()) }),
      ]);
      assert.is((played.error as Error).message, 'late');
      assert.is(played.log.filter((word) => word.startsWith('!')).length, 1);
    }
  });
}

test('takes anything that is thrown', () => {
  const getter = Object.defineProperty(new Error('x'), 'message', {
    get: () => {
      throw new Error('getter');
    },
  });
  const cyclic = new Error('cyclic');
  cyclic.cause = cyclic;
  for (const [thrown, text] of [
    ['words', /: words$/],
    [null, /: null$/],
    [undefined, /: undefined$/],
    [getter, /: object$/],
    [cyclic, /: cyclic$/],
    [Symbol('s'), /: Symbol\(s\)$/],
    [new Error('m'.repeat(10_000_000)), /: m{500}…$/],
  ] as const) {
    const { played } = both([
      () => ({
        step: () => {
          throw thrown;
        },
      }),
    ]);
    assert.match((played.error as Error).message, text);
    assert.is((played.error as Error).cause, thrown);
  }
});

test('recovers when what the hook threw is recoverable', () => {
  let isFirst = true;
  const { played } = both(
    [
      () => ({
        step: () => {
          if (isFirst) {
            isFirst = false;
            throw new UnavailableError('gone');
          }
        },
        teardown: () => {
          isFirst = true;
        },
      }),
    ],
    { recover: { jitter: 0 } },
  );
  assert.equal(played.log.slice(0, 5), ['begin', 'created#1@0', 'before@0', 'created#2@0', 'before@0']);
  assert.is(played.log.at(-1), '|');
});

test("adds a hook's own events for the hooks after it, and the stream", () => {
  const speaker: Act = (output) => ({ step: () => output.emit(new Note('hello')) });
  const { played, log } = both([witness('a'), speaker, witness('c')], { input: [1] });
  assert.equal(played.log, ['begin', 'created#1@0', 'before@0', 'note', 'step@1', 'end', '|']);
  assert.equal(
    log.filter((line) => line.includes('hears')),
    ['c hears hello'],
  );
  assert.ok(log.indexOf('c hears hello') < log.indexOf('c step'));
});

test('fails the run when a hook throws at an event of another, of which the rest are told', () => {
  const speaker: Act = (output) => ({ step: () => output.emit(new Note('n')) });
  const thrower: Act = () => ({
    hookEvent: () => {
      throw new Error('deaf');
    },
  });
  const { played, log } = both([speaker, thrower, witness('c')], { input: [1] });
  assert.is((played.error as Error).message, 'hook "b" failed in note: deaf');
  assert.ok(log.includes('c hears n'));
});

test('passes own events from work that goes on between steps', () => {
  const speaker: Act = (output) => ({
    sessionCreated: (event) => event.waitUntil(of(1).pipe(map(() => output.emit(new Note('from work'))))),
  });
  assert.equal(both([speaker, witness('b')]).played.log.slice(0, 3), ['begin', 'created#1@0', 'note']);
});

test('tells of an own event that a listener causes when all listeners have heard what it was told', () => {
  let output: HookOutput<Note> | undefined;
  const second: string[] = [];
  const first = play({ input: [1] }, (session$) => {
    const shared$ = session$.pipe(
      hook<Note>('a', (own) => {
        output = own;
        return {};
      }),
      share(),
    );
    shared$.subscribe(({ type }) => {
      if (type === 'step') for (const text of ['one', 'two']) output?.emit(new Note(text));
    });
    shared$.subscribe(({ type }) => void second.push(type));
    return shared$;
  });
  assert.equal(second.slice(-4), ['step', 'note', 'note', 'end']);
  assert.equal(first.log.slice(-5), ['step@1', 'note', 'note', 'end', '|']);
});

test('emits nothing when the run is over', () => {
  let output: HookOutput<Note> | undefined;
  const { played } = both([
    (own) => {
      output = own;
      return {};
    },
  ]);
  const { length } = played.log;
  output?.emit(new Note('too late'));
  assert.is(played.log.length, length);
});

test('does not call a sleeping hook, wakes it at its step, and at a new session', () => {
  const sleeper: Act = (output, log) => ({
    step: (event) => {
      log.push(`step ${event.globalStep}`);
      output.sleepUntil(event.globalStep + 3);
    },
  });
  const { log } = both([sleeper, sleeper], { input: [1, 2, 3, 4, 5, 6, 7, 8] });
  assert.equal(log, ['step 1', 'step 1', 'step 4', 'step 4', 'step 7', 'step 7']);

  let tries = 0;
  const again: string[] = [];
  play(
    {
      input: [1, 2, 3],
      recover: { jitter: 0 },
      step: ({ globalStep }) => {
        if (globalStep === 1 && tries++ === 0) throw new UnavailableError('x');
      },
    },
    (session$) =>
      session$.pipe(
        hook('sleeper', (output) => ({
          step: (event) => {
            again.push(`step ${event.globalStep}`);
            output.sleepUntil(Number.POSITIVE_INFINITY);
          },
        })),
      ),
  );
  assert.equal(again, ['step 1', 'step 1']);
});

test('wakes the one that sleeps least, and one that another wakes', () => {
  const wake: (() => void)[] = [];
  const sleeper =
    (steps: number): Act =>
    (output, log) => {
      wake.push(() => output.sleepUntil(0));
      return {
        step: (event) => {
          log.push(`${steps}@${event.globalStep}`);
          output.sleepUntil(event.globalStep + steps);
        },
      };
    };
  assert.equal(both([sleeper(4), sleeper(2)], { input: [1, 2, 3, 4, 5] }).log, ['4@1', '2@1', '2@3', '4@5', '2@5']);
  const waker: Act = () => ({
    step: (event) => {
      if (event.globalStep === 2) for (const each of wake) each();
    },
  });
  assert.equal(both([sleeper(9), waker], { input: [1, 2, 3, 4] }).log, ['9@1', '9@3']);
  assert.match(
    (both([(output) => ({ step: () => output.sleepUntil(Number.NaN) })]).played.error as Error).message,
    /received NaN/,
  );
});

test('turns what complete throws into the end, and logs what comes too late', () => {
  const thrower =
    (stage: 'complete' | 'error' | 'teardown'): Act =>
    () => ({
      [stage]: () => {
        throw new Error(`in ${stage}`);
      },
    });
  const { played, log } = both([witness('a'), thrower('complete'), witness('c')], { input: [] });
  assert.is((played.error as Error).message, 'hook "b" failed in complete: in complete');
  assert.ok(log.includes('a complete') && !log.includes('c complete'));

  for (const stage of ['error', 'teardown'] as const) {
    const logger = keptLog();
    const { log: told } = both([witness('a'), thrower(stage), witness('c')], {
      logger,
      step: () => throwError(() => new Error('x')),
    });
    assert.equal(told.slice(-4), ['a error x', 'c error x', 'c teardown', 'a teardown']);
    assert.equal(logger.lines, Array(2).fill(`error: hook "b" failed in ${stage}: in ${stage}`));
  }
});

test('reports a hook that cannot be made, and begins nothing', () => {
  const { played, log } = both([
    witness('a'),
    () => {
      throw new Error('not made');
    },
    witness('c'),
  ]);
  assert.equal(played.log, ['!hook "b" failed in subscribe: not made']);
  assert.equal(log, ['c error hook "b" failed in subscribe: not made', 'c teardown']);
  assert.throws(() => hook('x', 5 as never), /hook\(act\): expected a function, received 5/);
});

test('refuses an action under a name that is none, which would never be called', () => {
  const first = (actions: unknown): string | undefined =>
    play({}, (session$) => session$.pipe(hook('mine', () => actions as never))).log[0];
  const start = '!hook "mine" failed in subscribe: hook(act):';
  assert.is(first({ beforestep: () => {} }), `${start} unknown option "beforestep"; did you mean "beforeStep"?`);
  assert.is(first(undefined), `${start} expected it to return actions by event, received undefined`);
  assert.is(first({ steps: 0 }), 'begin');
});

test('shares nothing between runs', () => {
  const seen: number[] = [];
  const counter = hook('counter', () => {
    let steps = 0;
    return { step: () => seen.push(++steps) };
  });
  play({}, (session$) => session$.pipe(counter));
  play({}, (session$) => session$.pipe(counter));
  assert.equal(seen, [1, 2, 1, 2]);
});

test('keeps the chain of hooks that are piped one by one apart for each stream', () => {
  const log: string[] = [];
  const first = quietSession().pipe(hook('a', () => ({ begin: () => log.push('a') })));
  const left = first.pipe(hook('b', () => ({ begin: () => log.push('b') })));
  const right = first.pipe(hook('c', () => ({ begin: () => log.push('c') })));
  assert.is.not(left, right);
  play({}, (session$) => {
    const base = session$.pipe(hook('a', () => ({ begin: () => log.push('a') })));
    base.pipe(hook('b', () => ({ begin: () => log.push('b') })));
    return base.pipe(hook('c', () => ({ begin: () => log.push('c') })));
  });
  assert.equal(log, ['a', 'c']);
});

test('names both hooks when they feed the same key', () => {
  const feeder: Act = () => ({ beforeStep: (event) => event.feed('rate', 1) });
  assert.match(
    (both([feeder, feeder]).played.error as Error).message,
    /hook "b" failed in beforeStep of step 0: feed "rate" is given by hook "a" and by hook "b"/,
  );
});

test('names the hook whose hold takes too long', () => {
  const { played } = both([() => ({ step: (event) => event.waitUntil(new Observable()) })], { holdLimitSeconds: 2 });
  assert.is((played.error as Error).message, 'hook "a" did not finish step within 2 s');
});

test.run();
