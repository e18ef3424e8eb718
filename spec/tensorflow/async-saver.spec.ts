// AsyncCheckpointSaverHook of TensorFlow's contrib, cases 70 to 73 of the study: what it does, and where ours is better.

import { map, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CheckpointListener } from '../../lib/checkpoint/checkpoint-listener.js';
import { checkpointListener } from '../../lib/checkpoint/checkpoint-listener.js';
import { type AsyncCheckpointSaverOptions, asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { type FakeBackground, fakeBackground } from '../../lib/testing/fake-background.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('asyncCheckpointSaver and TensorFlow');

function run(
  { flush }: MarbleHelpers,
  script: string,
  overlap: AsyncCheckpointSaverOptions['overlap'],
  listeners: readonly CheckpointListener[] = [],
): { readonly saver: FakeBackground; readonly types: readonly string[] } {
  const saver = fakeBackground({ write: () => timer(5) });
  const types: string[] = [];
  scriptedSession(script)
    .pipe(
      asyncCheckpointSaver(saver, { trigger: everySteps(1), overlap, listeners }),
      map(({ type }) => type as string),
    )
    .subscribe({ next: (type) => types.push(type), error: () => types.push('error') });
  flush();
  return { saver, types };
}

test(
  '70: never more than one save is in flight; ours keeps the newest state instead of dropping it',
  marbles((helpers) => {
    const { saver } = run(helpers, '-1-2-3-4-5-6-7-8-9-|', 'latest');
    assert.is(saver.mostHeld, 2);
    assert.is(saver.held, 0);
    assert.is(saver.written.at(-1), 9);
    assert.equal(
      saver.written,
      [...saver.written].sort((a, b) => a - b),
    );
  }),
);

test(
  '71: the end waits for a save that goes on, then saves the last step, and never twice',
  marbles((helpers) => {
    const { saver, types } = run(helpers, '-1-2-3-|', 'skip');
    assert.equal(saver.written, [0, 3]);
    assert.is(types.at(-1), 'afterSave');
    assert.ok(types.indexOf('end') < types.lastIndexOf('afterSave'));
  }),
);

test(
  '72: bettered: a listener stops the run after a background save',
  marbles((helpers) => {
    const stop = checkpointListener({ afterSave: () => true });
    const { types } = run(helpers, '-1-2-3-4-5-6-7-8-9-|', 'latest', [stop]);
    assert.ok(types.filter((type) => type === 'step').length < 9);
    assert.ok(types.includes('end'));
  }),
);

test(
  '73: a run that fails has no last save; bettered: what goes on is finished first',
  marbles((helpers) => {
    const { saver, types } = run(helpers, '-1-2-#', 'skip');
    assert.equal(saver.written, [0]);
    assert.not.ok(types.includes('end'));
    assert.equal(types.slice(-1), ['error']);
    assert.is(saver.held, 0);
  }),
);

test.run();
