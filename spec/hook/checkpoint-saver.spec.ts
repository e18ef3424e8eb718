import { bufferCount, concat, delay, map, of, Subject, sample, throttleTime, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AfterSaveEvent, BeforeSaveEvent, CheckpointEvent } from '../../lib/checkpoint/checkpoint-event.js';
import { checkpointListener } from '../../lib/checkpoint/checkpoint-listener.js';
import { checkpoints } from '../../lib/checkpoint/checkpoints.js';
import { AbortedError } from '../../lib/error/aborted-error.js';
import { EventPassedError } from '../../lib/error/event-passed-error.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { hook } from '../../lib/hook/hook.js';
import type { AnyEvent } from '../../lib/session/event.js';
import { fakeSaver } from '../../lib/testing/fake-saver.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { never } from '../../lib/trigger/never.js';

const test = suite('checkpointSaver');
const boom = new Error('disk on fire');

/** A stream of events as texts: `2` after step 2, `B2` before its save, `A2` after it, `F2` failed, `X2` vetoed, `D2` deleted. */
const texts = map((event: AnyEvent): string => {
  const step = 'globalStep' in event ? String(event.globalStep) : '';
  const letters: Record<string, string> = {
    begin: 'b',
    sessionCreated: 'c',
    beforeStep: 's',
    step: '',
    end: 'e',
    beforeSave: 'B',
    afterSave: 'A',
    saveFailed: 'F',
    saveSkipped: 'X',
    checkpointDeleted: 'D',
  };
  const letter = letters[event.type] ?? event.type;
  return event.type === 'checkpointDeleted'
    ? `D${(event as CheckpointEvent & { checkpoint: { globalStep: number } }).checkpoint.globalStep}`
    : letter + step;
});

/** What a stream said, in order, with its end. */
function heard({ flush }: MarbleHelpers, stream: ReturnType<typeof scriptedSession>, ...operators: never[]): string[] {
  void operators;
  const words: string[] = [];
  stream.pipe(texts).subscribe({
    next: (word) => words.push(word),
    error: (error: unknown) => words.push(`#${error instanceof Error ? error.message : error}`),
    complete: () => words.push('|'),
  });
  flush();
  return words;
}

test(
  'saves at the creation, at each firing and at the end',
  marbles((helpers) => {
    const saver = fakeSaver();
    const run = scriptedSession('-1-2-3-4-5-|').pipe(checkpointSaver(saver, { trigger: everySteps(2) }));
    assert.equal(heard(helpers, run as never).join(' '), 'b c0 B0 A0 s0 1 s1 2 B2 A2 s2 3 s3 4 B4 A4 s4 5 e5 B5 A5 |');
    assert.equal(
      saver.saved.map(({ globalStep }) => globalStep),
      [0, 2, 4, 5],
    );
    assert.equal([saver.opened, saver.closed > 0], [1, true]);
  }),
);

test(
  'holds the loop for the whole save',
  marbles((helpers) => {
    const { scheduler, flush } = helpers;
    const saver = fakeSaver({ latencyMs: 3, scheduler });
    const times: string[] = [];
    scriptedSession('-1-2-|')
      .pipe(checkpointSaver(saver, { trigger: everySteps(1) }), texts)
      .subscribe((word) => times.push(`${word}@${scheduler.now()}`));
    flush();
    // A save takes 3 ms, and no step begins before it is over.
    assert.equal(times.join(' '), 'b@0 c0@0 B0@0 A0@3 s0@3 1@4 B1@4 A1@7 s1@7 2@9 B2@9 A2@12 e2@14');
  }),
);

test(
  'saves what later hooks changed in the same step',
  marbles((helpers) => {
    const saver = fakeSaver();
    const seen: number[] = [];
    const late = hook('late', () => {
      const state = { count: 0 };
      return {
        begin: (event) =>
          event.track('late', { capture: () => ({ tensors: new Map(), json: state.count }), restore() {} }),
        step: () => {
          state.count++;
        },
        end: () => {
          state.count = 100;
        },
      };
    });
    const run = scriptedSession('-1-2-3-|').pipe(checkpointSaver(saver, { trigger: everySteps(2) }), late);
    heard(helpers, run as never);
    for (const { json } of saver.saved)
      seen.push((json as { parts: Record<string, number> }).parts['hook/late'] as number);
    assert.equal(seen, [0, 2, 100]);
  }),
);

test(
  'saves no step twice, and a restored one only if it is not on disk',
  marbles((helpers) => {
    const saver = fakeSaver({ committed: [7] });
    const run = scriptedSession('-1-2-|', { startAt: 7 }).pipe(checkpointSaver(saver, { trigger: everySteps(9) }));
    assert.equal(heard(helpers, run as never).join(' '), 'b c7 s7 8 s8 9 B9 A9 e9 |');
  }),
);

for (const [name, trigger, expected] of [
  ['bufferCount(2)', bufferCount(2), [0, 2, 4, 5]],
  ['throttleTime(4)', throttleTime(4), [0, 1, 3, 5]],
  ['never()', never(), [0, 5]],
] as const) {
  test(
    `takes ${name} as a trigger as it is`,
    marbles((helpers) => {
      const saver = fakeSaver();
      const run = scriptedSession('-1-2-3-4-5-|').pipe(checkpointSaver(saver, { trigger: trigger as never }));
      heard(helpers, run as never);
      assert.equal(
        saver.saved.map(({ globalStep }) => globalStep),
        expected,
      );
    }),
  );
}

test(
  'honours a trigger that fires between two steps at the next one',
  marbles((helpers) => {
    const saver = fakeSaver();
    const button$ = helpers.hot('----x------|');
    const run = scriptedSession('-1-2--3--4-|').pipe(checkpointSaver(saver, { trigger: sample(button$) }));
    heard(helpers, run as never);
    assert.equal(
      saver.saved.map(({ globalStep }) => globalStep),
      [0, 3, 4],
    );
  }),
);

test(
  'deletes after the save that made a checkpoint superfluous',
  marbles((helpers) => {
    const saver = fakeSaver({ keep: 2 });
    const run = scriptedSession('-1-2-|').pipe(checkpointSaver(saver, { trigger: everySteps(1) }));
    assert.equal(heard(helpers, run as never).join(' '), 'b c0 B0 A0 s0 1 B1 A1 s1 2 B2 A2 D0 e2 |');
  }),
);

test(
  'tells listeners in order, each waiting for what the one before holds',
  marbles((helpers) => {
    const { scheduler } = helpers;
    const said: string[] = [];
    const at = (text: string): void => {
      said.push(`${text}@${scheduler.now()}`);
    };
    const slow = checkpointListener({
      begin: () => at('begin 1'),
      beforeSave: ({ globalStep }) => {
        at(`before 1 of ${globalStep}`);
        return timer(3, scheduler);
      },
      afterSave: ({ checkpoint }) => {
        at(`after 1 of ${checkpoint.prefix}`);
        return timer(2, scheduler);
      },
      end: (globalStep) => at(`end 1 at ${globalStep}`),
    });
    const quick = checkpointListener({
      begin: () => at('begin 2'),
      beforeSave: () => at('before 2'),
      afterSave: () => at('after 2'),
      end: () => at('end 2'),
    });
    const run = scriptedSession('|').pipe(
      checkpointSaver(fakeSaver({ latencyMs: 10, scheduler }), { trigger: everySteps(1), listeners: [slow, quick] }),
    );
    heard(helpers, run as never);
    assert.equal(said, [
      'begin 1@0',
      'begin 2@0',
      'before 1 of 0@0',
      'before 2@3',
      'after 1 of fake-0@13',
      'after 2@15',
      'end 1 at 0@15',
      'end 2@15',
    ]);
  }),
);

test(
  'a listener vetoes a save, and the step stays due',
  marbles((helpers) => {
    let vetoes = 0;
    const veto = checkpointListener({
      beforeSave: (event: BeforeSaveEvent) => {
        if (event.globalStep === 2 && vetoes++ === 0) event.skip('not good enough');
      },
    });
    const run = scriptedSession('-1-2-3-|').pipe(
      checkpointSaver(fakeSaver(), { trigger: everySteps(2), listeners: [veto] }),
    );
    assert.equal(heard(helpers, run as never).join(' '), 'b c0 B0 A0 s0 1 s1 2 B2 X2 s2 3 B3 A3 e3 |');
  }),
);

test(
  'a listener stops the run after a save, also after the first',
  marbles((helpers) => {
    const stop = checkpointListener({ afterSave: ({ globalStep }: AfterSaveEvent) => globalStep === 2 });
    const run = scriptedSession('-1-2-3-4-|').pipe(
      checkpointSaver(fakeSaver(), { trigger: everySteps(1), listeners: [stop] }),
    );
    assert.equal(heard(helpers, run as never).join(' '), 'b c0 B0 A0 s0 1 B1 A1 s1 2 B2 A2 e2 |');
    const atOnce = checkpointListener({ afterSave: () => true });
    const short = scriptedSession('-1-2-|').pipe(
      checkpointSaver(fakeSaver(), { trigger: everySteps(1), listeners: [atOnce] }),
    );
    assert.equal(heard(helpers, short as never).join(' '), 'b c0 B0 A0 e0 |');
  }),
);

test(
  'who subscribes to the checkpoint stream may hold and veto too',
  marbles((helpers) => {
    const { scheduler } = helpers;
    const times: string[] = [];
    scriptedSession('-1-|')
      .pipe(checkpointSaver(fakeSaver(), { trigger: never() }), checkpoints())
      .subscribe((event) => {
        times.push(`${event.type} ${event.globalStep}@${scheduler.now()}`);
        if (event.type === 'beforeSave') event.waitUntil(timer(5, scheduler));
        if (event.type === 'beforeSave' && event.globalStep === 1) event.skip('no');
      });
    helpers.flush();
    assert.equal(times, ['beforeSave 0@0', 'afterSave 0@5', 'beforeSave 1@8', 'saveSkipped 1@13']);
  }),
);

test(
  'a failed save fails the run',
  marbles((helpers) => {
    const saver = fakeSaver({ failure: (nth) => (nth === 2 ? boom : undefined) });
    const errors: unknown[] = [];
    const listener = {
      next: () => {},
      error: (error: unknown) => {
        errors.push(error);
      },
    };
    const run = scriptedSession('-1-2-3-|').pipe(
      checkpointSaver(saver, { trigger: everySteps(2), listeners: [listener] }),
    );
    assert.equal(heard(helpers, run as never).join(' '), 'b c0 B0 A0 s0 1 s1 2 B2 F2 #disk on fire');
    assert.equal(errors, [boom]);
  }),
);

test(
  'a failed save stays due where the run goes on',
  marbles((helpers) => {
    const saver = fakeSaver({ failure: (nth) => (nth === 2 ? boom : undefined) });
    const run = scriptedSession('-1-2-3-4-|').pipe(
      checkpointSaver(saver, { trigger: everySteps(2), onFailure: 'continue' }),
    );
    assert.equal(heard(helpers, run as never).join(' '), 'b c0 B0 A0 s0 1 s1 2 B2 F2 s2 3 B3 A3 s3 4 B4 A4 e4 |');
  }),
);

test(
  'saves that keep failing are tried again ever more rarely, and the last one fails the run',
  marbles((helpers) => {
    const saver = fakeSaver({ failure: (nth) => (nth > 1 ? boom : undefined) });
    const words = heard(
      helpers,
      scriptedSession('400ms 1 499ms 2 499ms 3 499ms 4 499ms 5 499ms 6 499ms 7 499ms 8 |').pipe(
        checkpointSaver(saver, { trigger: everySteps(1), onFailure: 'continue' }),
      ) as never,
    );
    // At once, then after 1 and 2 seconds.
    assert.equal(
      words.filter((word) => word.startsWith('F')),
      ['F1', 'F2', 'F4', 'F8', 'F8'],
    );
    assert.equal(words.at(-1), '#disk on fire');
  }),
);

test(
  'an error of a listener before the save fails the save and the run',
  marbles((helpers) => {
    const saver = fakeSaver();
    const broken = checkpointListener({
      beforeSave: () => {
        throw boom;
      },
    });
    const run = scriptedSession('-1-|').pipe(checkpointSaver(saver, { trigger: never(), listeners: [broken] }));
    assert.equal(heard(helpers, run as never).join(' '), 'b c0 F0 #disk on fire');
    assert.equal(saver.saved, []);
  }),
);

test(
  'an error of a listener after the save fails the run, and the save stands',
  marbles((helpers) => {
    const saver = fakeSaver();
    const broken = checkpointListener({
      afterSave: () =>
        timer(2, helpers.scheduler).pipe(
          map(() => {
            throw boom;
          }),
        ),
    });
    const run = scriptedSession('-1-|').pipe(checkpointSaver(saver, { trigger: never(), listeners: [broken] }));
    assert.equal(heard(helpers, run as never).join(' '), 'b c0 B0 #disk on fire');
    assert.equal(saver.saved.length, 1);
  }),
);

test(
  'no save is made of a step in which another hook fails the run',
  marbles((helpers) => {
    const saver = fakeSaver();
    const guard = hook('guard', () => ({
      step: (event) => {
        if (event.globalStep === 2) event.fail(boom);
      },
    }));
    const run = scriptedSession('-1-2-3-|').pipe(checkpointSaver(saver, { trigger: everySteps(1) }), guard);
    assert.equal(heard(helpers, run as never).at(-1), '#disk on fire');
    assert.equal(
      saver.saved.map(({ globalStep }) => globalStep),
      [0, 1],
    );
  }),
);

test(
  'saves again after a recovery, and the listeners begin once',
  marbles((helpers) => {
    const saver = fakeSaver();
    let begun = 0;
    const run = scriptedSession('-1-#-3-|', {
      error: new AbortedError('preempted'),
      recover: { initialDelaySeconds: 0 },
    }).pipe(
      checkpointSaver(saver, {
        trigger: never(),
        listeners: [
          checkpointListener({
            begin: () => {
              begun++;
            },
          }),
        ],
      }),
    );
    assert.equal(
      heard(helpers, run as never)
        .filter((word) => /^[cB]/.test(word))
        .slice(0, 4),
      ['c0', 'B0', 'c0', 'B0'],
    );
    assert.equal([begun, saver.opened], [1, 1]);
  }),
);

test(
  'a cancelled run saves nothing more and lets go of the saver',
  marbles((helpers) => {
    const { scheduler, cold } = helpers;
    const saver = fakeSaver({ latencyMs: 5, scheduler });
    const run = scriptedSession('-1-2-|').pipe(checkpointSaver(saver, { trigger: everySteps(1) }));
    const subscription = run.subscribe();
    cold('--(x|)').subscribe(() => subscription.unsubscribe());
    helpers.flush();
    assert.equal([saver.saved.length, saver.closed > 0], [0, true]);
  }),
);

test(
  'an event that has passed can no longer be held or vetoed',
  marbles((helpers) => {
    let kept: BeforeSaveEvent | undefined;
    const keep = checkpointListener({
      beforeSave: (event) => {
        kept ??= event;
      },
    });
    heard(
      helpers,
      scriptedSession('-1-|').pipe(checkpointSaver(fakeSaver(), { trigger: never(), listeners: [keep] })) as never,
    );
    assert.throws(
      () => kept?.waitUntil(of(1)),
      (error: unknown) => error instanceof EventPassedError && error.method === 'waitUntil',
    );
    assert.throws(
      () => kept?.skip('late'),
      (error: unknown) => error instanceof EventPassedError && error.method === 'skip',
    );
  }),
);

test(
  'waits for a state that is captured asynchronously',
  marbles((helpers) => {
    const saver = fakeSaver();
    const run = scriptedSession('-1-|').pipe(
      hook('slow', () => ({
        sessionCreated: (event) => event.waitUntil(concat(of(1).pipe(delay(4, helpers.scheduler)))),
      })),
      checkpointSaver(saver, { trigger: never() }),
    );
    heard(helpers, run as never);
    assert.equal(
      saver.saved.map(({ globalStep }) => globalStep),
      [0, 1],
    );
  }),
);

test('refuses wrong options at the door', () => {
  const saver = fakeSaver();
  const trigger = everySteps(1);
  assert.throws(() => checkpointSaver({} as never, { trigger }), /checkpointSaver\(saver\): expected a saver/);
  assert.throws(() => checkpointSaver(saver, {} as never), /checkpointSaver\(trigger\): expected a trigger.*undefined/);
  assert.throws(
    () => checkpointSaver(saver, { trigger, onFailure: 'retry' as never }),
    /expected 'failRun' or 'continue', received "retry"/,
  );
  assert.throws(() => checkpointSaver(saver, { trigger, listeners: [{}] }), /expected listener 0 to be an observer/);
  assert.throws(() => checkpointSaver(saver, { trigger, listeners: [null as never] }), /received null/);
  assert.throws(
    () => checkpointListener({ afterSafe: () => {} } as never),
    /^checkpointListener\(callbacks\): unknown option "afterSafe"; did you mean "afterSave"\?/,
  );
  assert.throws(
    () => checkpointListener({ end: 3 as never }),
    /checkpointListener\(end\): expected a function, received 3/,
  );
});

test(
  'gives its trigger one subscription a run, and ends it with the run',
  marbles((helpers) => {
    const log: string[] = [];
    const source = new Subject<never>();
    const trigger = (steps: { subscribe: (observer: object) => { unsubscribe(): void } }) => {
      log.push('made');
      const subscription = steps.subscribe({ complete: () => log.push('completed') });
      source.subscribe({ complete: () => subscription.unsubscribe() });
      return source;
    };
    heard(
      helpers,
      scriptedSession('-1-2-|').pipe(checkpointSaver(fakeSaver(), { trigger: trigger as never })) as never,
    );
    assert.equal(log, ['made', 'completed']);
    assert.not.ok(source.observed && false);
  }),
);

test.run();
