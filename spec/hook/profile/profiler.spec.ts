import { defer, map, type Observable, of, tap, throwError, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { AbortedError } from '../../../lib/error/aborted-error.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { hook } from '../../../lib/hook/hook.js';
import { type ProfilerOptions, profiler } from '../../../lib/hook/profile/profiler.js';
import { stopAtStep } from '../../../lib/hook/stop/stop-at-step.js';
import { silentLogger } from '../../../lib/log/logger.js';
import type { StepEvent } from '../../../lib/session/event.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import { fakeSaver } from '../../../lib/testing/fake-saver.js';
import { fakeState } from '../../../lib/testing/fake-state.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { marbles } from '../../../lib/testing/marbles.js';
import { scriptedSession } from '../../../lib/testing/scripted-session.js';
import { atSteps } from '../../../lib/trigger/at-steps.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import type { Trigger } from '../../../lib/trigger/trigger.js';
import { logged } from '../logged.js';
import { told } from '../told.js';
import { memoryProfiles, slicesOf } from './memory-profiles.js';

const test = suite('profiler');

hookLaws({ test, factory: () => profiler(memoryProfiles(), { trigger: everySteps(1) }) });

class SlowCursor {
  constructor(readonly wait: Observable<undefined>) {}

  next() {
    return this.wait.pipe(map((value) => ({ done: false, value }) as const));
  }

  capture() {
    return { tensors: new Map() };
  }

  restore(): void {}
}

const holder = (milliseconds: number) =>
  hook('holder', () => ({ step: (event: StepEvent) => event.waitUntil(timer(milliseconds, event.scheduler)) }));

test(
  'writes a profile of each step that is due, when the step is done with',
  marbles(({ expectObservable, flush }) => {
    const sink = memoryProfiles();
    const run = scriptedSession('----1----2----3----4----5|').pipe(profiler(sink, { trigger: everySteps(2) }));
    expectObservable(run.pipe(told({ stepProfiled: 'p' }))).toBe('(bc)1----(2p)-3----(4p)-5(e|)');
    flush();
    assert.equal([...sink.files.keys()], ['timeline-2.json', 'timeline-4.json']);
  }),
);

test(
  'shows input, training, hooks, holds and saves, nested as they happened',
  marbles(({ flush }) => {
    const sink = memoryProfiles();
    const saver = fakeSaver({ latencyMs: 3 });
    scriptedSession('-1---2-3|')
      .pipe(checkpointSaver(saver, { trigger: atSteps(2) }), holder(2), profiler(sink, { trigger: atSteps(2) }))
      .subscribe();
    flush();
    assert.equal(slicesOf(sink.text('timeline-2.json')), [
      'loop: hold: holder 0-2',
      'loop: step 2 2-11',
      'loop: train 2-6',
      'loop: input 2-2',
      'saves: save 2 6-9',
      'loop: hold: checkpointSaver 6-9',
      'loop: checkpointSaver 6-6',
      'loop: holder 6-6',
      'loop: profiler 6-6',
      'loop: hold: holder 9-11',
    ]);
  }),
);

test(
  'shows what comes between two profiled steps as input',
  marbles(({ flush, scheduler }) => {
    const sink = memoryProfiles();
    const input = defer(() => timer(7, scheduler)).pipe(map(() => undefined));
    trainingSession({
      scaffold: { create: () => fakeState() },
      input: { open: () => new SlowCursor(input) },
      step: () => timer(2, scheduler),
      scheduler,
      logger: silentLogger,
    })
      .pipe(stopAtStep({ lastStep: 3 }), profiler(sink, { trigger: everySteps(1) }))
      .subscribe();
    flush();
    assert.equal([...sink.files.keys()], ['timeline-2.json', 'timeline-3.json']);
    for (const step of [2, 3]) {
      assert.equal(slicesOf(sink.text(`timeline-${step}.json`)).slice(0, 3), [
        'loop: input 0-7',
        `loop: step ${step} 7-9`,
        'loop: train 7-9',
      ]);
    }
  }),
);

test(
  'sees the hooks of separate chains as well',
  marbles(({ flush }) => {
    const sink = memoryProfiles();
    scriptedSession('-1-2-3|')
      .pipe(
        holder(1),
        tap(),
        profiler(sink, { trigger: atSteps(2) }),
        tap(),
        hook('last', () => ({ step: () => {} })),
      )
      .subscribe();
    flush();
    const names = slicesOf(sink.text('timeline-2.json')).map((slice) => slice.replace(/^loop: | [\d-]+$/g, ''));
    assert.equal(names.slice(-4), ['hold: holder', 'holder', 'profiler', 'last']);
  }),
);

test(
  'is asked about a step before it, and about none far from being due',
  marbles(({ flush }) => {
    const asked: (readonly [number, number])[] = [];
    const sink = memoryProfiles();
    const inner = everySteps(4);
    const trigger: Trigger = Object.assign(
      (steps: Parameters<Trigger>[0]) =>
        inner(steps.pipe(tap(({ globalStep, previousGlobalStep }) => asked.push([previousGlobalStep, globalStep])))),
      { nextStep: inner.nextStep },
    ) as Trigger;
    scriptedSession('(123456789)|').pipe(profiler(sink, { trigger })).subscribe();
    flush();
    assert.equal(asked, [
      [0, 4],
      [5, 8],
    ]);
    assert.equal([...sink.files.keys()], ['timeline-4.json', 'timeline-8.json']);
  }),
);

test(
  'expects a step to advance as the one before did',
  marbles(({ flush }) => {
    const sink = memoryProfiles();
    const steps: number[] = [];
    const run = scriptedSession('(1234)|', { startAt: 90 });
    run
      .pipe(profiler(sink, { trigger: everySteps(3) }))
      .subscribe((event) => 'previousGlobalStep' in event && steps.push(event.globalStep));
    flush();
    assert.equal(steps, [91, 92, 93, 94]);
    assert.equal([...sink.files.keys()], ['timeline-93.json']);
  }),
);

test(
  'leaves no profile of a step that fails, and counts anew after a recovery',
  marbles(({ flush }) => {
    const sink = memoryProfiles();
    const recover = { initialDelaySeconds: 0.001, jitter: 0 };
    scriptedSession('-1-#-2-3|', { error: new AbortedError('preempted'), recover })
      .pipe(profiler(sink, { trigger: everySteps(2) }))
      .subscribe();
    flush();
    // Without a checkpoint it begins again; the mark that failed is a step like the others then.
    assert.equal([...sink.files.keys()], ['timeline-2.json', 'timeline-4.json']);
    assert.is(sink.writes, 2);
  }),
);

test(
  'leaves no profile of a step that was not taken',
  marbles(({ flush }) => {
    const sink = memoryProfiles();
    scriptedSession('-1|')
      .pipe(profiler(sink, { trigger: everySteps(1) }))
      .subscribe();
    flush();
    assert.equal([...sink.files.keys()], []);
  }),
);

test(
  'trains on when a profile cannot be written, and says so',
  marbles(({ expectObservable, flush }) => {
    const logger = logged();
    const sink = { write: () => throwError(() => new Error('disk full')) };
    const run = scriptedSession('----1-2-3----|', { logger }).pipe(profiler(sink, { trigger: atSteps(2) }));
    expectObservable(run.pipe(told({ stepProfiled: 'p' }))).toBe('(bc)1-2-3----(e|)');
    flush();
    assert.equal(logger.lines, ['warn: the profile of a step could not be written']);
  }),
);

test(
  'has the run wait for a profile that is being written',
  marbles(({ flush, scheduler }) => {
    const written: number[] = [];
    const sink = {
      write: () => timer(20, scheduler).pipe(tap(() => written.push(scheduler.now()))),
    };
    let ended = 0;
    scriptedSession('-1-2|')
      .pipe(profiler(sink, { trigger: atSteps(2) }))
      .subscribe({ complete: () => (ended = scheduler.now()) });
    flush();
    assert.is(written.length, 1);
    assert.ok(ended >= (written[0] ?? Number.POSITIVE_INFINITY), `${ended} is not before ${written[0]}`);
  }),
);

test(
  'samples the program during the steps that it profiles',
  marbles(({ flush }) => {
    const sink = memoryProfiles();
    const calls: string[] = [];
    const cpuProfiler: ProfilerOptions['cpuProfiler'] = {
      start: () => void calls.push('start'),
      stop: () => {
        calls.push('stop');
        return of('{"nodes":[]}');
      },
    };
    let names: readonly string[] = [];
    scriptedSession('-1-2-3-4|')
      .pipe(
        profiler(sink, { trigger: atSteps(3), cpuProfiler }),
        tap((event) => {
          if ('previousGlobalStep' in event) calls.push(`step ${event.globalStep}`);
          if (event.type === 'stepProfiled' && 'names' in event) names = event.names;
        }),
      )
      .subscribe();
    flush();
    assert.equal(calls, ['step 1', 'start', 'step 2', 'step 3', 'stop', 'step 4']);
    assert.equal(names, ['timeline-3.json', 'timeline-3.cpuprofile']);
    assert.is(sink.text('timeline-3.cpuprofile'), '{"nodes":[]}');
  }),
);

test(
  'goes on without a CPU profiler that cannot start',
  marbles(({ flush }) => {
    const logger = logged();
    const sink = memoryProfiles();
    const cpuProfiler = {
      start: () => {
        throw new Error('no inspector');
      },
      stop: () => of(''),
    };
    scriptedSession('-1-2-3|', { logger })
      .pipe(profiler(sink, { trigger: atSteps(2), cpuProfiler }))
      .subscribe();
    flush();
    assert.equal([...sink.files.keys()], ['timeline-2.json']);
    assert.equal(logger.lines, ['warn: the CPU profiler cannot start']);
  }),
);

test(
  'two profilers may look at the same step',
  marbles(({ flush }) => {
    const [first, second] = [memoryProfiles(), memoryProfiles()];
    const logger = logged();
    scriptedSession('-1-2-3-4-5|', { logger })
      .pipe(profiler(first, { trigger: atSteps(3) }), profiler(second, { trigger: atSteps(3, 5) }))
      .subscribe();
    flush();
    assert.equal([...first.files.keys()], ['timeline-3.json']);
    assert.equal([...second.files.keys()], ['timeline-3.json', 'timeline-5.json']);
    assert.equal(logger.lines, []);
  }),
);

test('refuses what it cannot work with', () => {
  assert.throws(() => profiler({} as never), /profiler\(sink\)/);
  assert.throws(() => profiler(memoryProfiles(), { trigger: 5 as never }), /profiler\(trigger\)/);
  assert.throws(() => profiler(memoryProfiles(), { cpuProfiler: {} as never }), /profiler\(cpuProfiler\)/);
});

test.run();
