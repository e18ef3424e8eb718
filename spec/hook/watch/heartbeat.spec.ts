import { timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StepOverdueError } from '../../../lib/error/step-overdue-error.js';
import { hook } from '../../../lib/hook/hook.js';
import { heartbeat } from '../../../lib/hook/watch/heartbeat.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { logged } from '../logged.js';
import { told } from '../told.js';

const test = suite('heartbeat');
const letters = { stepOverdue: 'o' };

hookLaws({ test, factory: () => heartbeat(0.02) });

test(
  'tells once when no step finishes, and again when that happens again',
  marbles(({ expectObservable }) => {
    const run = scriptedSession('----1-2--------------------3-------------------4-|').pipe(
      heartbeat(0.008),
      told(letters),
    );
    // It looks at 2, 4, 6 … ms: it sees the step of 6 ms at once, and four looks later it is 14.
    expectObservable(run).toBe('(bc)1-2-------o------------3-------o-----------4-(e|)');
  }),
);

test(
  'says nothing while steps are finished in time',
  marbles(({ expectObservable }) => {
    const run = scriptedSession('----1------2------3------4-|').pipe(heartbeat(0.008), told(letters));
    expectObservable(run).toBe('     (bc)1------2------3------4-(e|)');
  }),
);

test(
  'notices that the first step does not come',
  marbles(({ expectObservable }) => {
    const run = scriptedSession('--------------1-|').pipe(heartbeat(0.008), told(letters));
    expectObservable(run).toBe('     (bc)----o-----1-(e|)');
  }),
);

test(
  'notices a hold that takes long, and is at rest at the end',
  marbles(({ expectObservable }) => {
    const holding = hook('holding', () => ({
      step: (event) => event.waitUntil(timer(12)),
      end: (event) => event.waitUntil(timer(50)),
    }));
    const run = scriptedSession('----1-|').pipe(holding, heartbeat(0.008), told(letters));
    expectObservable(run).toBe('(bc)1-------o-----e 49ms |');
  }),
);

test(
  'fails a run that waits for its input',
  marbles(({ expectObservable }) => {
    const run = scriptedSession('----1').pipe(heartbeat(0.008, { action: 'fail' }), told(letters));
    expectObservable(run).toBe('(bc)1-------(o#)', undefined, new StepOverdueError(0.008, 1));
  }),
);

test(
  'fails a run whose step takes long when that step is over',
  marbles(({ expectObservable }) => {
    const run = scriptedSession('----1 20ms 2-|').pipe(heartbeat(0.008, { action: 'fail' }), told(letters));
    expectObservable(run).toBe('(bc)1-------o 12ms (2#)', undefined, new StepOverdueError(0.008, 1));
  }),
);

test(
  'says in the log what happens',
  marbles(({ flush }) => {
    const logger = logged();
    scriptedSession('-1-------------2-|', { logger }).pipe(heartbeat(0.004)).subscribe();
    flush();
    assert.equal(logger.lines, [
      'warn: no step has finished for 0.004 s since step 1',
      'info: steps are finished again',
    ]);
  }),
);

test(
  'does not go on for ever in a run that hangs',
  marbles(({ scheduler, flush }) => {
    scriptedSession('-1').pipe(heartbeat(1)).subscribe();
    flush();
    assert.ok(scheduler.now() < 2000);
  }),
);

test('refuses wrong arguments', () => {
  assert.throws(() => heartbeat(0), /^heartbeat\(seconds\): expected seconds above 0/);
  assert.throws(() => heartbeat(1, { action: 'cry' as never }), /^heartbeat\(action\): expected 'warn' or 'fail'/);
});

test.run();
