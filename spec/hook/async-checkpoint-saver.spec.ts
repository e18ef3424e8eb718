import { mergeMap, NEVER, of, throwError, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type {
  AfterSaveEvent,
  BeforeSaveEvent,
  CheckpointEvent,
  SaveFailedEvent,
  SaveProgressEvent,
  SaveSkippedEvent,
} from '../../lib/checkpoint/checkpoint-event.js';
import { type CheckpointListener, checkpointListener } from '../../lib/checkpoint/checkpoint-listener.js';
import { AbortedError } from '../../lib/error/aborted-error.js';
import { NonFiniteStateError } from '../../lib/error/non-finite-state-error.js';
import { type AsyncCheckpointSaverOptions, asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import type { AnyEvent } from '../../lib/session/event.js';
import { type FakeBackground, type FakeBackgroundOptions, fakeBackground } from '../../lib/testing/fake-background.js';
import { fakeSaver } from '../../lib/testing/fake-saver.js';
import { hookLaws } from '../../lib/testing/hook-laws.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { type ScriptedSessionOptions, scriptedSession } from '../../lib/testing/scripted-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('asyncCheckpointSaver');
const boom = new Error('disk on fire');
const trigger = everySteps(2);

hookLaws({ test, factory: () => asyncCheckpointSaver(fakeBackground(), { trigger }), keepsOutside: true });

const LETTERS: Readonly<Record<string, string>> = {
  begin: 'b',
  sessionCreated: 'c',
  step: '',
  end: 'e',
  beforeSave: 'B',
  snapshotTaken: 'T',
  saveProgress: 'P',
  afterSave: 'A',
  saveFailed: 'F',
  saveSkipped: 'X',
  checkpointDeleted: 'D',
};

interface Heard {
  readonly saver: FakeBackground;
  /** Each event as its letter, its step and when it came; steps alone are `2@3`. */
  readonly words: string[];
}

/** Runs a script to its end, in virtual time. */
function hear(
  { scheduler, flush }: MarbleHelpers,
  script: string,
  options: Partial<AsyncCheckpointSaverOptions> = {},
  background: FakeBackgroundOptions = {},
  session: Omit<ScriptedSessionOptions<never>, 'outputs'> & { readonly unsubscribeAt?: number } = {},
): Heard {
  const { unsubscribeAt, ...others } = session;
  const saver = fakeBackground(background);
  const words: string[] = [];
  const subscription = scriptedSession(script, others)
    .pipe(asyncCheckpointSaver(saver, { trigger, ...options }))
    .subscribe({
      next: (event: AnyEvent) => {
        const letter = LETTERS[event.type];
        if (letter === undefined) return;
        const step = 'globalStep' in event ? event.globalStep : '';
        words.push(`${letter}${step}@${scheduler.now()}`);
      },
      error: (error: unknown) => words.push(`#${(error as Error).message}@${scheduler.now()}`),
      complete: () => words.push(`|@${scheduler.now()}`),
    });
  if (unsubscribeAt !== undefined) timer(unsubscribeAt, scheduler).subscribe(() => subscription.unsubscribe());
  flush();
  return { saver, words };
}

const takes = (milliseconds: number) => () => timer(milliseconds);
const said = ({ words }: Heard): string => words.join(' ');

test(
  'goes on when the state is copied, and tells of the save when it is done',
  marbles((helpers) => {
    const heard = hear(helpers, '-1-2-3-4-|', {}, { write: takes(2.5) });
    assert.is(said(heard), 'b@0 c0@0 B0@0 T0@0 1@1 A0@2.5 2@3 B2@3 T2@3 3@5 A2@5.5 4@7 B4@7 T4@7 e4@9 A4@9.5 |@9.5');
    assert.equal(heard.saver.written, [0, 2, 4]);
    assert.is(heard.saver.held, 0);
    assert.ok(heard.saver.isClosed);
  }),
);

test(
  'tells how far a save is, while the steps go on',
  marbles((helpers) => {
    const written = { p: { writtenBytes: 9 }, q: { writtenBytes: 26 } };
    const told: unknown[] = [];
    const listener: CheckpointListener = {
      next: (event) => {
        if (event.type !== 'saveProgress' || event.globalStep !== 2) return;
        const { writtenBytes, sizeBytes, seconds } = event;
        told.push({ writtenBytes, sizeBytes, seconds });
      },
    };
    const options = { listeners: [listener] };
    const heard = hear(helpers, '-1-2-3-|', options, {
      write: (step) => (step === 2 ? helpers.cold('-p-q(A|)', { ...written, A: 0 }) : timer(0.5)),
    });
    assert.is(
      said(heard),
      'b@0 c0@0 B0@0 T0@0 A0@0.5 1@1 2@3 B2@3 T2@3 P2@4 3@5 P2@6 A2@7 e3@7 B3@7 T3@7 A3@7.5 |@7.5',
    );
    assert.equal(told, [
      { writtenBytes: 9, sizeBytes: 24, seconds: 0.001 },
      { writtenBytes: 26, sizeBytes: 24, seconds: 0.003 },
    ]);
  }),
);

test(
  'what is held at progress holds the acknowledgement, and an error there fails the save',
  marbles((helpers) => {
    const write = (step: number) => (step === 2 ? helpers.cold('p(A|)', { p: { writtenBytes: 9 }, A: 0 }) : timer(0.5));
    const at = (act: (event: SaveProgressEvent) => void): Partial<AsyncCheckpointSaverOptions> => ({
      listeners: [{ next: (event) => event.type === 'saveProgress' && act(event) }],
    });
    const held = hear(
      helpers,
      '-1-2-3-4-5-|',
      at((event) => event.waitUntil(timer(3.5))),
      { write },
    );
    assert.is(
      said(held),
      'b@0 c0@0 B0@0 T0@0 A0@0.5 1@1 2@3 B2@3 T2@3 3@5 P2@6.5 A2@6.5 4@7 B4@7 T4@7 A4@7.5 5@9 e5@11 B5@11 T5@11 A5@11.5 |@11.5',
    );
    const failing = hear(
      helpers,
      '-1-2-3-|',
      at(() => {
        throw boom;
      }),
      { write },
    );
    assert.equal(failing.saver.givenUp, [2]);
    assert.match(said(failing), / T2@14.5 F2@14.5 3@16.5 #disk on fire@16.5$/);
  }),
);

test(
  'holds the loop only until a slow copy is taken',
  marbles((helpers) => {
    const heard = hear(helpers, '-1-2-3-|', {}, { take: takes(4), write: takes(1.5) });
    assert.is(
      said(heard),
      'b@0 c0@0 B0@0 T0@4 1@5 A0@5.5 2@7 B2@7 T2@11 A2@12.5 3@13 e3@15 B3@15 T3@19 A3@20.5 |@20.5',
    );
  }),
);

test(
  'makes memory ready where a run goes on, for there the loop is not held for a copy before the first firing',
  marbles(({ flush }) => {
    const saver = fakeBackground();
    const run = (script: string, options: ScriptedSessionOptions<never> = {}): void => {
      scriptedSession(script, options).pipe(asyncCheckpointSaver(saver, { trigger })).subscribe();
      flush();
    };
    run('-1-2-|');
    assert.equal([saver.written, saver.preparedAt], [[0, 2], []]);
    run('-3-4-|', { startAt: 2 });
    assert.equal([saver.written, saver.preparedAt], [[0, 2, 4], [2]]);
  }),
);

test(
  'latest: one is written, the newest waits, and what waited before is skipped',
  marbles((helpers) => {
    const heard = hear(helpers, '-1-2-3-4-5-6-7-|', {}, { write: (step) => timer(step === 2 ? 9 : 0.5) });
    assert.is(
      said(heard),
      'b@0 c0@0 B0@0 T0@0 A0@0.5 1@1 2@3 B2@3 T2@3 3@5 4@7 B4@7 T4@7 5@9 6@11 B6@11 X4@11 T6@11 A2@12 A6@12.5 ' +
        '7@13 e7@15 B7@15 T7@15 A7@15.5 |@15.5',
    );
    assert.equal(heard.saver.written, [0, 2, 6, 7]);
    assert.is(heard.saver.copies, 2);
    assert.is(heard.saver.mostHeld, 2);
    assert.is(heard.saver.held, 0);
  }),
);

test(
  'skip: copies nothing while a save goes on, says so once, and saves at the first step after it',
  marbles((helpers) => {
    const options = { overlap: 'skip' } as const;
    const heard = hear(helpers, '-1-2-3-4-5-6-7-|', options, { write: (step) => timer(step === 2 ? 5.5 : 0.5) });
    assert.is(
      said(heard),
      'b@0 c0@0 B0@0 T0@0 A0@0.5 1@1 2@3 B2@3 T2@3 3@5 4@7 X4@7 A2@8.5 5@9 B5@9 T5@9 A5@9.5 6@11 B6@11 T6@11 ' +
        'A6@11.5 7@13 e7@15 B7@15 T7@15 A7@15.5 |@15.5',
    );
    assert.is(heard.saver.copies, 1);
    assert.is(heard.saver.mostHeld, 1);
  }),
);

test(
  'wait: the loop waits for the save that goes on',
  marbles((helpers) => {
    const heard = hear(helpers, '-1-2-3-4-|', { overlap: 'wait' }, { write: takes(6) });
    assert.is(said(heard), 'b@0 c0@0 B0@0 T0@0 1@1 2@3 A0@6 B2@6 T2@6 3@8 4@10 A2@12 B4@12 T4@12 e4@14 A4@18 |@18');
    assert.is(heard.saver.mostHeld, 1);
  }),
);

test(
  'the end waits for what is written and what waits, then saves the last step',
  marbles((helpers) => {
    const heard = hear(helpers, '-1-2-3-4-5-|', {}, { write: takes(10) });
    assert.is(
      said(heard),
      'b@0 c0@0 B0@0 T0@0 1@1 2@3 B2@3 T2@3 3@5 4@7 B4@7 X2@7 T4@7 5@9 A0@10 e5@11 A4@20 B5@20 T5@20 A5@30 |@30',
    );
  }),
);

test(
  'a save of the last step that goes on at the end is not made again',
  marbles((helpers) => {
    const heard = hear(helpers, '-1-2-|', {}, { write: takes(4) });
    assert.equal(heard.saver.written, [0, 2]);
    assert.is(heard.words.filter((word) => word.startsWith('B')).length, 2);
  }),
);

/** A write that fails after a while. */
const failing = (milliseconds: number) => timer(milliseconds).pipe(mergeMap(() => throwError(() => boom)));

test(
  'a failure is told at once and fails the run at the next step boundary',
  marbles((helpers) => {
    const write = (step: number) => (step === 2 ? failing(2.5) : of(0));
    const heard = hear(helpers, '-1-2-3-4-|', {}, { write });
    assert.is(said(heard), 'b@0 c0@0 B0@0 T0@0 A0@0 1@1 2@3 B2@3 T2@3 3@5 F2@5.5 4@7 #disk on fire@7');
    assert.is(heard.saver.held, 0);
    assert.ok(heard.saver.isClosed);
  }),
);

test(
  'a failure while a newer state waits fails the run when that one is written',
  marbles((helpers) => {
    const write = (step: number) => (step === 2 ? failing(6.5) : timer(1.25));
    const heard = hear(helpers, '-1-2-3-4-----5-6-|', {}, { write });
    assert.is(
      said(heard),
      'b@0 c0@0 B0@0 T0@0 1@1 A0@1.25 2@3 B2@3 T2@3 3@5 4@7 B4@7 T4@7 F2@9.5 A4@10.75 5@13 #disk on fire@13',
    );
    assert.equal(heard.saver.written, [0, 4]);
  }),
);

test(
  'continue: a failed save stays due, and the next step is saved',
  marbles((helpers) => {
    const write = (step: number) => (step === 2 ? failing(0.5) : timer(0.5));
    const heard = hear(helpers, '-1-2-3-4-|', { onFailure: 'continue' }, { write });
    assert.is(
      said(heard),
      'b@0 c0@0 B0@0 T0@0 A0@0.5 1@1 2@3 B2@3 T2@3 F2@3.5 3@5 B3@5 T3@5 A3@5.5 4@7 B4@7 T4@7 A4@7.5 e4@9 |@9',
    );
  }),
);

test(
  'a run whose last state cannot be saved fails, whatever it may go on after',
  marbles((helpers) => {
    const write = (step: number) => (step === 3 ? failing(0.5) : of(0));
    const heard = hear(helpers, '-1-2-3-|', { onFailure: 'continue' }, { write });
    assert.match(said(heard), 'e3@7 B3@7 T3@7 F3@7.5 #disk on fire@7.5');
  }),
);

test(
  'tries the same copy again, ever later, and tells of each failure',
  marbles((helpers) => {
    const write = (step: number, attempt: number) => (step === 2 && attempt < 4 ? failing(0.5) : timer(0.5));
    const onFailure = { retries: 3, firstDelaySeconds: 0.002, longestDelaySeconds: 0.003 };
    const heard = hear(helpers, '-1-2-3--------|', { onFailure }, { write });
    assert.match(said(heard), 'T2@3 F2@3.5 3@5 F2@6 F2@9.5 A2@13 e3@14 B3@14 T3@14 A3@14.5 |@14.5');
    assert.equal(heard.saver.written, [0, 2, 3]);
  }),
);

test(
  'gives up after the last retry, and writes a newer state instead of one that failed',
  marbles((helpers) => {
    const onFailure = { retries: 2, firstDelaySeconds: 0.002 };
    const never = hear(
      helpers,
      '-1-2-3-------4-5-|',
      { onFailure },
      { write: (step) => (step > 0 ? failing(0.5) : of(0)) },
    );
    assert.match(said(never), 'T2@3 F2@3.5 3@5 F2@6 F2@10.5 4@13 #disk on fire@13');
  }),
);

test(
  'writes the newest state when a retry is due',
  marbles((helpers) => {
    const onFailure = { retries: 5, firstDelaySeconds: 0.006 };
    const heard = hear(
      helpers,
      '-1-2-3-4-5-6-|',
      { onFailure },
      { write: (step) => (step === 2 ? failing(0.5) : timer(0.5)) },
    );
    assert.match(said(heard), 'T2@3 F2@3.5 3@5 4@7 B4@7 T4@7 5@9 X2@9.5 A4@10 6@11');
    assert.equal(heard.saver.mostHeld, 2);
  }),
);

test(
  'a state that is itself wrong is not tried again',
  marbles((helpers) => {
    const wrong = new NonFiniteStateError(2, 'model/kernel');
    const write = (step: number) => (step === 2 ? throwError(() => wrong) : of(0));
    const heard = hear(helpers, '-1-2-3-4-|', { onFailure: { retries: 9, onLastFailure: 'continue' } }, { write });
    assert.match(said(heard), 'T2@3 F2@3 3@5 B3@5 T3@5 A3@5 4@7');
  }),
);

test(
  'a run that fails waits for the save that goes on, and saves nothing more',
  marbles((helpers) => {
    const heard = hear(helpers, '-1-2-#', {}, { write: takes(5.5) });
    assert.is(
      said(heard),
      'b@0 c0@0 B0@0 T0@0 1@1 2@3 B2@3 T2@3 A0@5.5 A2@11 #the script says that this step fails@11',
    );
    assert.equal(heard.saver.written, [0, 2]);
    assert.ok(heard.saver.isClosed);
  }),
);

test(
  'a run that fails waits no longer than the grace period',
  marbles((helpers) => {
    const heard = hear(
      helpers,
      '-1-2-#',
      {},
      { write: (step) => (step === 2 ? NEVER : of(0)) },
      { stopGraceSeconds: 0.02 },
    );
    assert.match(said(heard), 'T2@3 #the script says that this step fails@25');
    assert.equal(heard.saver.givenUp, [2]);
    assert.is(heard.saver.held, 0);
  }),
);

test(
  'a recovered run saves anew, and what went on before is done by then',
  marbles((helpers) => {
    const heard = hear(
      helpers,
      '-1-2-#-3-|',
      {},
      { write: takes(1.5) },
      { error: new AbortedError('preempted'), recover: { initialDelaySeconds: 0.01, jitter: 0 } },
    );
    assert.is(heard.words.filter((word) => word.startsWith('c')).length, 2);
    assert.ok(said(heard).indexOf('A2@') < said(heard).lastIndexOf('c0@'));
    assert.equal(heard.saver.startedFrom.length, 2);
    assert.match(said(heard), /\|@[\d.]+$/);
    assert.is(heard.saver.held, 0);
  }),
);

test(
  'a cancelled run gives up the save that goes on and the one that waits, and says nothing',
  marbles((helpers) => {
    const heard = hear(
      helpers,
      '-1-2-3-4-5-6-|',
      {},
      { write: (step) => (step === 2 ? timer(20) : of(0)) },
      { unsubscribeAt: 8 },
    );
    assert.is(said(heard), 'b@0 c0@0 B0@0 T0@0 A0@0 1@1 2@3 B2@3 T2@3 3@5 4@7 B4@7 T4@7');
    assert.equal([heard.saver.givenUp, heard.saver.written, heard.saver.held], [[2], [0], 0]);
    assert.ok(heard.saver.isClosed);
  }),
);

test(
  'before a save listeners hold the loop, after it they hold the next save',
  marbles((helpers) => {
    const listener = checkpointListener({
      beforeSave: ({ globalStep }: BeforeSaveEvent) => (globalStep === 2 ? timer(2) : undefined),
      afterSave: ({ globalStep }: AfterSaveEvent) => (globalStep === 2 ? timer(4.5) : undefined),
    });
    const heard = hear(helpers, '-1-2-3-4-5-|', { listeners: [listener] }, { write: takes(0.5) });
    // The stream hears of step 2 when the listener has let it go, and step 4 is written after that.
    assert.is(
      said(heard),
      'b@0 c0@0 B0@0 T0@0 A0@0.5 1@1 2@3 B2@5 T2@5 3@7 4@9 B4@9 T4@9 A2@10 A4@10.5 5@11 e5@13 B5@13 T5@13 A5@13.5 |@13.5',
    );
  }),
);

test(
  'a listener vetoes a save, and stops a run after one',
  marbles((helpers) => {
    const listener = checkpointListener({
      beforeSave: (event: BeforeSaveEvent) => (event.globalStep === 2 ? event.skip('not now') : undefined),
      afterSave: ({ globalStep }: AfterSaveEvent) => globalStep === 3,
    });
    const heard = hear(helpers, '-1-2-3-4-5-6-|', { listeners: [listener] }, { write: takes(0.5) });
    assert.is(
      said(heard),
      'b@0 c0@0 B0@0 T0@0 A0@0.5 1@1 2@3 B2@3 X2@3 3@5 B3@5 T3@5 A3@5.5 4@7 B4@7 T4@7 e4@7 A4@7.5 |@7.5',
    );
  }),
);

test(
  'an error of a listener after a save fails the run, and the save stands',
  marbles((helpers) => {
    const listener = {
      next: (event: CheckpointEvent) => {
        if (event.type === 'afterSave' && event.globalStep === 2) throw boom;
      },
    };
    const heard = hear(helpers, '-1-2-3-4-|', { listeners: [listener] }, { write: takes(0.5) });
    assert.match(said(heard), 'T2@3 3@5 #disk on fire@5');
    assert.equal(heard.saver.written, [0, 2]);
  }),
);

test(
  'tells listeners of failures and skips with their reasons',
  marbles((helpers) => {
    const events: CheckpointEvent[] = [];
    const listener = { next: (event: CheckpointEvent) => void events.push(event) };
    const write = (step: number) => (step === 2 ? failing(8.5) : of(0));
    hear(helpers, '-1-2-3-4-5-6-|', { listeners: [listener], onFailure: 'continue' }, { write });
    const failed = events.find((event): event is SaveFailedEvent => event.type === 'saveFailed');
    const skipped = events.find((event): event is SaveSkippedEvent => event.type === 'saveSkipped');
    assert.is(failed?.error, boom);
    assert.is(skipped?.reason, 'superseded by the save of step 6');
  }),
);

test(
  'tells of what retention deleted after each save',
  marbles((helpers) => {
    const heard = hear(helpers, '-1-2-3-4-|', {}, { write: takes(0.5), retain: (step) => (step === 4 ? [0, 2] : []) });
    assert.match(said(heard), 'A4@7.5 D4@7.5 D4@7.5 e4@9 |@9');
  }),
);

test(
  'saves in later turns of the same thread where that is allowed',
  marbles(({ flush, scheduler }) => {
    const saver = fakeSaver({ latencyMs: 3, scheduler });
    const types: string[] = [];
    scriptedSession('-1-2-|')
      .pipe(asyncCheckpointSaver(saver, { trigger, background: 'inProcess' }))
      .subscribe({
        next: ({ type }: AnyEvent) => types.push(type),
        error: (error) => assert.unreachable(String(error)),
      });
    flush();
    assert.ok(types.includes('snapshotTaken'));
  }),
);

test('refuses wrong options at the door', () => {
  const saver = fakeBackground();
  const wrong = (options: object) => () => asyncCheckpointSaver(saver, { trigger, ...options } as never);
  assert.throws(wrong({ overlap: 'queue' }), /asyncCheckpointSaver\(overlap\): expected 'latest' or 'skip' or 'wait'/);
  assert.throws(wrong({ onFailure: 'shrug' }), /asyncCheckpointSaver\(onFailure\): expected 'failRun' or 'continue'/);
  assert.throws(wrong({ onFailure: { retries: 0 } }), /onFailure\.retries\): expected a whole number from 1/);
  assert.throws(wrong({ onFailure: { retries: 1, firstDelaySeconds: -1 } }), /firstDelaySeconds\): expected a number/);
  assert.throws(wrong({ background: 'thread' }), /background\): expected 'worker' or 'inProcess'/);
  assert.throws(
    () => asyncCheckpointSaver({} as never, { trigger }),
    /asyncCheckpointSaver\(saver\): expected a saver/,
  );
  assert.throws(() => asyncCheckpointSaver(fakeSaver(), { trigger }), /or allow \{ background: 'inProcess' \}/);
});

test.run();
