// TensorFlow's test cases for its ProfilerHook, by their numbers in the behavioural specification of its session hooks.
// Where ours does better on purpose, ours is asserted.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { profiler } from '../../lib/hook/profile/profiler.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { secondOrStepTimer } from '../../lib/trigger/second-or-step-timer.js';
import type { Trigger } from '../../lib/trigger/trigger.js';
import { memoryProfiles } from '../hook/profile/memory-profiles.js';

const test = suite('TensorFlow: profiler');

/** The steps of which a run has profiles. */
function profiled({ flush }: MarbleHelpers, script: string, trigger: Trigger, startAt = 0): readonly number[] {
  const sink = memoryProfiles();
  scriptedSession(script, { startAt }).pipe(profiler(sink, { trigger })).subscribe();
  flush();
  return [...sink.files.keys()].map((name) => Number(/^timeline-(\d+)\.json$/.exec(name)?.[1]));
}

test(
  'case 87: profiles steps 2 and 4 of every two, and never the first run',
  marbles((helpers) => {
    assert.equal(profiled(helpers, '(1234)|', secondOrStepTimer({ steps: 2 })), [2, 4]);
  }),
);

test(
  'case 87: profiles all but the first run of every one',
  marbles((helpers) => {
    assert.equal(profiled(helpers, '(1234)|', secondOrStepTimer({ steps: 1 })), [2, 3, 4]);
  }),
);

test(
  'case 87: counts from where the session was resumed',
  marbles((helpers) => {
    assert.equal(profiled(helpers, '(1234567)|', secondOrStepTimer({ steps: 3 }), 100), [103, 106]);
  }),
);

test(
  'case 88: profiles the runs that begin 2 s or more after the last profile began',
  marbles((helpers) => {
    // Runs begin at 0, 2.5, 2.6, 4.4 and 4.5 s: at 2.5 the first time is over, and at 4.5 s the second.
    const script = '2500ms 1 99ms 2 1799ms 3 99ms 4 100ms 5|';
    const trigger = secondOrStepTimer({ seconds: 2, scheduler: helpers.scheduler });
    assert.equal(profiled(helpers, script, trigger), [2, 5]);
  }),
);

test(
  'takes the place of the profile of the same step of an earlier attempt, where TensorFlow fails',
  marbles(({ flush }) => {
    const sink = memoryProfiles();
    const run = scriptedSession('(123)|').pipe(profiler(sink, { trigger: secondOrStepTimer({ steps: 2 }) }));
    run.subscribe();
    flush();
    run.subscribe();
    flush();
    assert.equal([[...sink.files.keys()], sink.writes], [['timeline-2.json'], 2]);
  }),
);

test.run();
