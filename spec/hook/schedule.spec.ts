import { concatMap, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { Schedule } from '../../lib/hook/schedule.js';
import type { StepEvent } from '../../lib/session/event.js';
import { fakeRun } from '../../lib/testing/fake-run.js';
import { fakeSaver } from '../../lib/testing/fake-saver.js';
import { marbles } from '../../lib/testing/marbles.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { lifecycle } from '../../lib/testing/step-events.js';
import { everySeconds } from '../../lib/trigger/every-seconds.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import type { Trigger } from '../../lib/trigger/trigger.js';

const test = suite('Schedule');
const sinceFiring = everySteps(2, { since: 'lastFiring' });

/** The global steps at which a schedule is due, of those that it is asked about. */
function dueSteps(schedule: Schedule, steps: readonly StepEvent[]): readonly number[] {
  return steps.filter((step) => schedule.isDueAt(step)).map(({ globalStep }) => globalStep);
}

test('fires as its trigger does, anew for each creation', () => {
  const { c, 1: first, 2: second, 3: third } = lifecycle();
  const schedule = new Schedule(sinceFiring);
  for (let attempt = 1; attempt <= 2; attempt++) {
    schedule.start(c);
    assert.equal(dueSteps(schedule, [first, second, third]), [1, 3]);
  }
});

test('counts from the creation if what it repeats was done there', () => {
  const { c, 1: first, 2: second, 3: third, 4: fourth } = lifecycle();
  const schedule = new Schedule(sinceFiring);
  schedule.startFired(c);
  assert.equal(dueSteps(schedule, [first, second, third, fourth]), [2, 4]);
});

test('shows its trigger no step that it does not need to see', () => {
  const { c, 1: first, 2: second, 3: third, 4: fourth } = lifecycle();
  const seen: number[] = [];
  const { nextStep } = everySteps(2);
  const trigger: Trigger = Object.assign<Trigger, Pick<Trigger, 'nextStep'>>(
    (steps) => {
      steps.subscribe(({ globalStep }) => seen.push(globalStep));
      return everySteps(2)(steps);
    },
    nextStep === undefined ? {} : { nextStep },
  );
  const schedule = new Schedule(trigger);
  schedule.start(c);
  assert.equal(dueSteps(schedule, [first, second, third, fourth]), [2, 4]);
  assert.equal(seen, [2, 4]);
  assert.is(schedule.nextStep, 6);
});

test('is never due before it is started, nor when it was stopped', () => {
  const { c, 1: first, 2: second } = lifecycle();
  const schedule = new Schedule(everySteps(1));
  assert.equal(dueSteps(schedule, [first]), []);
  schedule.start(c);
  schedule.stop();
  assert.equal(dueSteps(schedule, [second]), []);
  assert.is(schedule.nextStep, Number.POSITIVE_INFINITY);
});

test('fails the run when its trigger fails', () => {
  const run = fakeRun();
  const { c, 1: first } = lifecycle({ run });
  const boom = new Error('boom');
  const schedule = new Schedule((steps) => everySteps(1)(steps).pipe(concatMap(() => throwError(() => boom))));
  schedule.start(c);
  schedule.isDueAt(first);
  assert.equal(run.failures, [boom]);
});

for (const { title, trigger, saves } of [
  { title: 'steps', trigger: everySteps(3, { since: 'lastFiring' }), saves: [0, 3, 6, 7] },
  { title: 'seconds', trigger: everySeconds(0.006), saves: [0, 3, 6, 7] },
]) {
  test(
    `lets checkpointSaver count ${title} from the save at the creation`,
    marbles(({ flush }) => {
      const saver = fakeSaver();
      scriptedSession('--1-2-3-4-5-6-7-|').pipe(checkpointSaver(saver, { trigger })).subscribe();
      flush();
      assert.equal(
        saver.saved.map(({ globalStep }) => globalStep),
        saves,
      );
    }),
  );
}

test(
  'counts seconds from the end of that save',
  marbles(({ scheduler, flush }) => {
    const saver = fakeSaver({ latencyMs: 4, scheduler });
    const times: number[] = [];
    scriptedSession('--1-2-3-4-|')
      .pipe(checkpointSaver(saver, { trigger: everySeconds(0.005) }))
      .subscribe((event) => event.type === 'beforeSave' && times.push(scheduler.now()));
    flush();
    assert.equal(times, [0, 10, 16]);
  }),
);

test.run();
