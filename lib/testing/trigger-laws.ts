import { type SchedulerLike, Subject, VirtualTimeScheduler } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { checkFunction } from '../error/check-function.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import type { StepEvent } from '../session/event.js';
import { Firing } from '../trigger/firing.js';
import type { Trigger } from '../trigger/trigger.js';
import { describeValue } from './describe-value.js';
import type { FakeOutputs } from './fake-outputs.js';
import { firstDifference } from './first-difference.js';
import { LawViolationError } from './law-violation-error.js';
import { marbles } from './marbles.js';
import { randomSteps, type TimedStep } from './random-steps.js';
import { stepEvents } from './step-events.js';
import { withoutRealTime } from './without-real-time.js';

export interface TriggerLawsOptions {
  /** The caller's test function, of whatever test runner. */
  readonly test: (name: string, body: () => void) => void;
  /** Makes a new trigger. Its time, if it needs any, is that of `scheduler`; a factory that takes none may ignore it. */
  readonly factory: (scheduler: SchedulerLike) => Trigger<FakeOutputs>;
  /** For which random runs the laws are tried. @default 1 to 20 */
  readonly seeds?: readonly number[] | undefined;
}

const OPTIONS: OptionNames<TriggerLawsOptions> = { test: true, factory: true, seeds: true };

/** What every trigger does, whenever it fires. Each law is a test of its own, over random runs in virtual time. */
export function triggerLaws(options: TriggerLawsOptions): void {
  checkOptions('triggerLaws(options)', options, OPTIONS);
  checkFunction('triggerLaws(test)', options.test);
  checkFunction('triggerLaws(factory)', options.factory);
  const { test, factory, seeds = Array.from({ length: 20 }, (_, i) => i + 1) } = options;

  test(
    'law: subscribes to nothing before it is subscribed to',
    marbles(({ cold, scheduler, expectSubscriptions }) => {
      const source = cold('-1-|', stepEvents());
      factory(scheduler)(source);
      expectSubscriptions(source.subscriptions).toBe([]);
    }),
  );

  test('law: fires at most once at each step', () => {
    for (const seed of seeds) {
      marbles(({ scheduler }) => {
        const steps = new Subject<StepEvent<unknown, FakeOutputs>>();
        let firings = 0;
        factory(scheduler)(steps).subscribe(() => firings++);
        for (const { at, step } of randomSteps(seed)) {
          scheduler.schedule(() => {
            firings = 0;
            steps.next(step);
            if (firings > 1) violated(`${firings} firings at global step ${step.globalStep}`, seed);
          }, at);
        }
      })();
    }
  });

  test('law: starts afresh for each run', () => {
    for (const seed of seeds) {
      const steps = randomSteps(seed);
      const later = (steps.at(-1)?.at ?? 0) + 100_000;
      marbles(({ scheduler, flush }) => {
        const alone = play(factory(scheduler), steps, { scheduler });
        const shared = factory(scheduler);
        const runs = [0, 0, later].map((startAt) => play(shared, steps, { scheduler, startAt }));
        flush();
        for (const run of runs) demandSame(run, alone, 'a run depends on another one', steps, seed);
      })();
    }
  });

  test('law: fires the same if it does not see the steps that it can do without', () => {
    for (const seed of seeds) {
      const steps = randomSteps(seed);
      marbles(({ scheduler, flush }) => {
        const all = play(factory(scheduler), steps, { scheduler });
        const needed = play(factory(scheduler), steps, { scheduler, isSleepy: true });
        flush();
        demandSame(needed, all, 'nextStep passes over a firing', steps, seed);
      })();
    }
  });

  test(
    'law: ends with its source, and not after it',
    marbles(({ scheduler, flush }) => {
      const steps = new Subject<StepEvent<unknown, FakeOutputs>>();
      let isComplete = false;
      factory(scheduler)(steps).subscribe({
        complete: () => {
          isComplete = true;
        },
      });
      for (const step of Object.values(stepEvents())) steps.next(step);
      steps.complete();
      if (!isComplete) violated('the source has completed, the trigger has not');
      demandQuiet(scheduler, 'after its source completed');
      flush();
    }),
  );

  test(
    'law: passes on an error of its source',
    marbles(({ scheduler }) => {
      const steps = new Subject<StepEvent<unknown, FakeOutputs>>();
      const failure = new Error('the source failed');
      let error: unknown;
      let isComplete = false;
      factory(scheduler)(steps).subscribe({
        error: (received: unknown) => {
          error = received;
        },
        complete: () => {
          isComplete = true;
        },
      });
      steps.error(failure);
      if (!isComplete && error !== failure) violated(`the source failed, the trigger says ${describeValue(error)}`);
      demandQuiet(scheduler, 'after its source failed');
    }),
  );

  test(
    'law: lets go of its source and its timers',
    marbles(({ scheduler }) => {
      const steps = new Subject<StepEvent<unknown, FakeOutputs>>();
      const subscription = factory(scheduler)(steps).subscribe();
      for (const step of Object.values(stepEvents())) steps.next(step);
      subscription.unsubscribe();
      if (steps.observed) violated('it is unsubscribed, and still subscribed to its source');
      demandQuiet(scheduler, 'after it was unsubscribed');
    }),
  );

  test('law: needs no real time', () => {
    for (const seed of seeds.slice(0, 3)) {
      withoutRealTime(
        marbles(({ scheduler, flush }) => {
          play(factory(scheduler), randomSteps(seed), { scheduler });
          flush();
        }),
      );
    }
  });

  if (factory.length > 0) {
    test('law: takes its time from its scheduler', () => {
      for (const seed of seeds.slice(0, 3)) takesTimeFrom(factory, seed);
    });
  }
}

/** A trigger that is given a scheduler uses no other, also outside of `marbles`, where RxJS's own are real. */
function takesTimeFrom(factory: TriggerLawsOptions['factory'], seed: number): void {
  const scheduler = new VirtualTimeScheduler();
  const errors: unknown[] = [];
  withoutRealTime(() => {
    // Not thrown at once: RxJS would report it by a timer, which is real here.
    play(factory(scheduler), randomSteps(seed), { scheduler, onError: (error) => errors.push(error) });
    scheduler.flush();
  });
  if (errors.length > 0) throw errors[0];
}

interface PlayOptions {
  readonly scheduler: SchedulerLike;
  /** When the run begins, in milliseconds. @default 0 */
  readonly startAt?: number;
  /** Whether steps that the trigger can do without are kept from it. */
  readonly isSleepy?: boolean;
  /** @default it is thrown */
  readonly onError?: (error: unknown) => void;
}

/** Shows steps to a trigger at their moments, as hooks do; fills in at which of them it fired. */
function play(trigger: Trigger<FakeOutputs>, steps: readonly TimedStep[], options: PlayOptions): readonly number[] {
  const { scheduler, startAt = 0, isSleepy = false, onError = rethrow } = options;
  const fired: number[] = [];
  let firing: Firing<FakeOutputs>;
  let wakeStep = 0;
  scheduler.schedule(() => {
    firing = new Firing(trigger, onError);
  }, startAt);
  steps.forEach(({ at, step, isRecovered }, index) => {
    scheduler.schedule(() => {
      if (isRecovered) wakeStep = 0;
      if (isSleepy && step.globalStep < wakeStep) return;
      if (firing.isDueAt(step)) fired.push(index);
      wakeStep = firing.nextStep(step.globalStep);
    }, startAt + at);
  });
  scheduler.schedule(() => firing.stop(), startAt + (steps.at(-1)?.at ?? 0) + 1);
  return fired;
}

function demandSame(
  actual: readonly number[],
  expected: readonly number[],
  fault: string,
  steps: readonly TimedStep[],
  seed: number,
): void {
  if (firstDifference(actual, expected) === undefined) return;
  const globalSteps = (indices: readonly number[]): string =>
    indices.map((index) => steps[index]?.step.globalStep).join(', ') || 'none';
  violated(`${fault}: it fired at steps ${globalSteps(actual)} instead of ${globalSteps(expected)}`, seed);
}

function demandQuiet(scheduler: TestScheduler, when: string): void {
  if (scheduler.actions.length > 0) violated(`it leaves a timer behind ${when}`);
}

function rethrow(error: unknown): never {
  throw error;
}

function violated(fault: string, seed?: number): never {
  throw new LawViolationError(seed === undefined ? fault : `${fault} (seed ${seed})`);
}
