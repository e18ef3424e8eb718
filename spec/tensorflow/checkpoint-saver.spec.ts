// CheckpointSaverHook and its listeners of TensorFlow 1, cases 56 to 69 of the study: what ours does in each.
//
// Left out: 66 (graphs: there are none) and 68 (collections of savers: the saver is an argument).

import { map } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CheckpointListener, checkpointListener } from '../../lib/checkpoint/checkpoint-listener.js';
import { AbortedError } from '../../lib/error/aborted-error.js';
import { type CheckpointSaverOptions, checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { hook } from '../../lib/hook/hook.js';
import { stopAtStep } from '../../lib/hook/stop/stop-at-step.js';
import type { AnyEvent } from '../../lib/session/event.js';
import { type FakeSaver, fakeSaver } from '../../lib/testing/fake-saver.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { type ScriptedSessionOptions, scriptedSession } from '../../lib/testing/scripted-session.js';
import type { FakeOutputs } from '../../lib/testing/step-events.js';
import { everySeconds } from '../../lib/trigger/every-seconds.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('checkpointSaver and TensorFlow');

interface Run {
  readonly saver: FakeSaver;
  /** The steps that were saved, in order. */
  readonly saved: readonly number[];
  /** Types of events with their steps. */
  readonly events: readonly string[];
}

function run(
  { flush }: MarbleHelpers,
  script: string,
  options: CheckpointSaverOptions,
  session: ScriptedSessionOptions<FakeOutputs> = {},
): Run {
  const saver = fakeSaver({ committed: session.startAt === undefined ? [] : [session.startAt] });
  const events: string[] = [];
  scriptedSession(script, session)
    .pipe(
      checkpointSaver(saver, options),
      map((event: AnyEvent) => `${event.type} ${'globalStep' in event ? event.globalStep : ''}`.trim()),
    )
    .subscribe({ next: (text) => events.push(text), error: (error: unknown) => events.push(`error ${error}`) });
  flush();
  return { saver, saved: saver.saved.map(({ globalStep }) => globalStep), events };
}

/** A listener that counts what it is told. */
function counting(): { readonly listener: CheckpointListener; readonly counts: Record<string, number> } {
  const counts: Record<string, number> = { begin: 0, before: 0, after: 0, end: 0 };
  const count = (name: string) => (): void => {
    counts[name] = (counts[name] ?? 0) + 1;
  };
  const [begin, beforeSave, afterSave, end] = ['begin', 'before', 'after', 'end'].map(count);
  return { listener: checkpointListener({ begin, beforeSave, afterSave, end } as never), counts };
}

test('case 56: takes one saver and one trigger, and neither less nor more', () => {
  const trigger = everySteps(1);
  assert.throws(() => checkpointSaver(undefined as never, { trigger }), TypeError);
  assert.throws(() => checkpointSaver(fakeSaver(), {} as never), TypeError);
});

test(
  'case 57: every two steps: step 0 at the creation, nothing after 1, step 2 after 2',
  marbles((helpers) => {
    const { events } = run(helpers, '-1-2-3-4-|', { trigger: everySteps(2) });
    assert.equal(
      events.filter((text) => /^(afterSave|step) [0-2]$/.test(text)),
      ['afterSave 0', 'step 1', 'step 2', 'afterSave 2'],
    );
  }),
);

test(
  'case 58: every step for two steps: begin 1, before 3, after 3, end 1, the same for two listeners',
  marbles((helpers) => {
    const [first, second] = [counting(), counting()];
    run(helpers, '-1-2-|', { trigger: everySteps(1), listeners: [first.listener, second.listener] });
    assert.equal(first.counts, { begin: 1, before: 3, after: 3, end: 1 });
    assert.equal(second.counts, first.counts);
  }),
);

test(
  'case 59: a listener that says stop after the save of step 3 ends the run there',
  marbles((helpers) => {
    const stop = checkpointListener({ afterSave: ({ globalStep }) => globalStep === 3 });
    const { events, saved } = run(helpers, '-1-2-3-4-5-|', { trigger: everySteps(1), listeners: [stop] });
    assert.equal(events.slice(-2), ['afterSave 3', 'end 3']);
    assert.equal(saved, [0, 1, 2, 3]);
  }),
);

test(
  'case 60: where the first of two listeners says stop, the second is still told',
  marbles((helpers) => {
    const { listener, counts } = counting();
    const stop = checkpointListener({ afterSave: () => true });
    run(helpers, '-1-2-|', { trigger: everySteps(1), listeners: [stop, listener] });
    // Bettered: a wish to stop counts at the save of the creation too, so no step is taken.
    assert.equal(counts, { begin: 1, before: 1, after: 1, end: 1 });
  }),
);

test(
  'case 61: every 2 seconds, steps ending at 0, 0.5, 2.5, 2.6, 2.7 and 10 s: saved are 0 at the creation, 3, 6',
  marbles((helpers) => {
    // Bettered: the seconds count from the save of the creation, which takes the place of the one at step 1.
    const script = '1 499ms 2 1999ms 3 99ms 4 99ms 5 7299ms 6 |';
    assert.equal(run(helpers, script, { trigger: everySeconds(2) }).saved, [0, 3, 6]);
  }),
);

test(
  'case 62: where the last step is saved already, the end saves nothing, and tells the listeners',
  marbles((helpers) => {
    const { listener, counts } = counting();
    const { saved } = run(helpers, '-1-2-3-4-|', { trigger: everySteps(2), listeners: [listener] });
    assert.equal(saved, [0, 2, 4]);
    assert.equal(counts, { begin: 1, before: 3, after: 3, end: 1 });
  }),
);

test(
  'case 63: 22 steps, saved every 10: 0, 10, 20, 22',
  marbles((helpers) => {
    const script = `${'-1'.repeat(22)}-|`;
    assert.equal(run(helpers, script, { trigger: everySteps(10) }).saved, [0, 10, 20, 22]);
  }),
);

test(
  'case 64: from step 5, every 10 steps: at 10 and 20 as in a run that was never cut, or 10 steps after the start',
  marbles((helpers) => {
    const script = `${'-1'.repeat(22)}-|`;
    // Bettered: by default a resumed run saves where the straight one does. Single steps are never late.
    assert.equal(run(helpers, script, { trigger: everySteps(10) }, { startAt: 5 }).saved, [10, 20, 27]);
    const trigger = everySteps(10, { since: 'lastFiring' });
    assert.equal(run(helpers, script, { trigger }, { startAt: 5 }).saved, [15, 25, 27]);
  }),
);

test(
  'case 65: a run that takes no step saves nothing but the step of its creation, whatever the time',
  marbles((helpers) => {
    assert.equal(run(helpers, '999ms |', { trigger: everySeconds(0.001) }).saved, [0]);
    assert.equal(run(helpers, '999ms |', { trigger: everySteps(1) }).saved, [0]);
  }),
);

test(
  'case 67: a recovery saves the restored step again only if it is not on disk; listeners are told of each save',
  marbles((helpers) => {
    const { listener, counts } = counting();
    const { saved, events } = run(
      helpers,
      '-1-2-#',
      { trigger: everySteps(9), listeners: [listener] },
      { startAt: 7, error: new AbortedError('preempted'), recover: { initialDelaySeconds: 0.01, jitter: 0 } },
    );
    assert.is(events.filter((text) => text === 'sessionCreated 7').length, 2);
    // Bettered: step 7 is committed, so neither the start nor the recovery writes it once more.
    assert.not.ok(saved.includes(7), saved.join());
    assert.is(counts['begin'], 1);
    assert.is(counts['before'], saved.length);
  }),
);

test(
  'case 67: without a checkpoint to go back to, the recovery saves where it starts anew',
  marbles((helpers) => {
    const { saved } = run(
      helpers,
      '-1-#',
      { trigger: everySteps(9) },
      {
        error: new AbortedError('preempted'),
        recover: { initialDelaySeconds: 0.01, jitter: 0 },
      },
    );
    assert.equal(saved.slice(0, 2), [0, 0]);
  }),
);

test(
  'case 69: of two listeners: L1.before, L2.before, write, event, L1.after, L2.after',
  marbles(({ flush }) => {
    const said: string[] = [];
    const say = (text: string) => (): void => void said.push(text);
    const of = (name: string) =>
      checkpointListener({ beforeSave: say(`${name}.before`), afterSave: say(`${name}.after`) });
    const saver = fakeSaver({ failure: say('write') as never });
    scriptedSession('|')
      .pipe(
        checkpointSaver(saver, { trigger: everySteps(1), listeners: [of('L1'), of('L2')] }),
        hook('later', () => ({ hookEvent: ({ type }) => void said.push(type) })),
      )
      .subscribe();
    flush();
    // The event that all may see comes when the listeners are through with it.
    assert.equal(said, ['L1.before', 'L2.before', 'beforeSave', 'write', 'L1.after', 'L2.after', 'afterSave']);
  }),
);

test(
  'a saver and a limit: the last step is saved wherever they stand in the pipe',
  marbles(({ flush }) => {
    const saver = fakeSaver();
    scriptedSession('-1-2-3-4-|')
      .pipe(stopAtStep({ lastStep: 3 }), checkpointSaver(saver, { trigger: everySteps(2) }))
      .subscribe();
    flush();
    assert.equal(
      saver.saved.map(({ globalStep }) => globalStep),
      [0, 2, 3],
    );
  }),
);

test.run();
