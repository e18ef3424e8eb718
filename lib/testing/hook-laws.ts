import { defer, type Observable, tap } from 'rxjs';
import type { RunHelpers, TestScheduler } from 'rxjs/testing';
import { checkFunction } from '../error/check-function.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { HookFailedError } from '../error/hook-failed-error.js';
import { type Hook, hook } from '../hook/hook.js';
import type { AnyEvent } from '../session/event.js';
import type { HookEvent } from '../session/hook-event.js';
import { describeValue } from './describe-value.js';
import { EventRecord } from './event-record.js';
import { type FakeOutputs, fakeOutputs } from './fake-outputs.js';
import { type FakeRun, fakeRun } from './fake-run.js';
import type { FakeState } from './fake-state.js';
import { firstDifference } from './first-difference.js';
import { LawViolationError } from './law-violation-error.js';
import { type MarbleHelpers, marbles } from './marbles.js';
import { scriptedSession } from './scripted-session.js';
import { type Lifecycle, lifecycle } from './step-events.js';

export interface HookLawsOptions<O> {
  /** The caller's test function, of whatever test runner. */
  readonly test: (name: string, body: () => void) => void;
  /** Makes a new hook. Its time, if it needs any, is that of `scheduler`, or of the events that it is given. */
  readonly factory: (scheduler: TestScheduler) => Hook<HookEvent, O>;
  /** What the step that leads to this global step returns. @default a loss of `1 / globalStep` */
  readonly outputs?: ((globalStep: number) => O) | undefined;
  /**
   * Whether the hook keeps something outside of the run, such as files: what it adds to the stream in one run may then
   * depend on the run before.
   */
  readonly keepsOutside?: boolean | undefined;
}

const OPTIONS: OptionNames<HookLawsOptions<never>> = { test: true, factory: true, outputs: true, keepsOutside: true };

/** A run of three steps, and shorter ones; what is drawn is what must come out. */
const WHOLE_RUN = 'bc-A1-B2-C3-(e|)';
const SHORT_RUNS = ['|', 'b|', '(bc)|', 'b-c-A-|', 'bc-A1-(e|)', 'bc-(e|)', '#', 'b#', 'bc-A#'];
// Long enough for all that a hook may wait for in a test; an endless timer must not hang it.
const LONGEST_TEST_MS = 100_000;

/**
 * What every hook does, whatever else it does. Each law is a test of its own: first over lifecycle events drawn as
 * marbles, on a run that only writes down what the hook asks for, then over a real session in virtual time. What the
 * hook waits for must run in virtual time, too: give it stores and writers without promises.
 */
export function hookLaws(options: HookLawsOptions<FakeOutputs>): void;
export function hookLaws<O>(options: HookLawsOptions<O> & { readonly outputs: (globalStep: number) => O }): void;
export function hookLaws(options: HookLawsOptions<unknown>): void {
  checkOptions('hookLaws(options)', options, OPTIONS);
  checkFunction('hookLaws(test)', options.test);
  checkFunction('hookLaws(factory)', options.factory);
  const { test, factory, outputs = fakeOutputs, keepsOutside = false } = options;
  const law = (name: string, body: (helpers: MarbleHelpers) => void): void =>
    test(
      `law: ${name}`,
      marbles((helpers) => {
        helpers.scheduler.maxFrames = LONGEST_TEST_MS;
        body(helpers);
      }),
    );
  const session = (script: string, onDispose?: (state: FakeState) => void): Observable<AnyEvent> =>
    scriptedSession(script, { outputs, onDispose });

  law('passes lifecycle events on: the same ones, in order, at once', (helpers) => {
    demandMirror(helpers, factory, outputs, WHOLE_RUN);
  });

  law('bears a run that ends early', (helpers) => {
    for (const run of SHORT_RUNS) demandMirror(helpers, factory, outputs, run);
  });

  law('passes on the error of its source', (helpers) => {
    const failure = new Error('the run failed');
    const events = lifecycle({ outputs });
    const record = EventRecord.of(
      helpers.cold<AnyEvent>('bc-A1-B#', events, failure).pipe(factory(helpers.scheduler)),
      helpers.scheduler,
    );
    helpers.flush();
    demand(record.end?.error === failure, () => `it turned the error into ${describeValue(record.end?.error)}`);
    demandQuiet(helpers.scheduler, 'after its source failed');
  });

  law('subscribes to its source once, when it is subscribed to', (helpers) => {
    const source = helpers.cold<AnyEvent>(WHOLE_RUN, lifecycle({ outputs }));
    const hooked = source.pipe(factory(helpers.scheduler));
    demand(source.subscriptions.length === 0, () => 'it subscribed to its source before it was subscribed to');
    EventRecord.of(hooked, helpers.scheduler);
    helpers.flush();
    helpers.expectSubscriptions(source.subscriptions).toBe('^-----------!');
  });

  law('lets go of its source and its timers when it is unsubscribed', ({ cold, scheduler, flush, ...helpers }) => {
    const run = fakeRun();
    const source = cold<AnyEvent>(WHOLE_RUN, lifecycle({ run, outputs }));
    const subscription = EventRecord.of(source.pipe(run.deliver(), factory(scheduler)), scheduler);
    scheduler.schedule(() => {
      subscription.unsubscribe();
      run.cancel();
      demandQuiet(scheduler, 'after it was unsubscribed');
    }, 5);
    flush();
    helpers.expectSubscriptions(source.subscriptions).toBe('^----!');
  });

  law('starts afresh for each run', (helpers) => {
    const { scheduler, flush } = helpers;
    const shared = factory(scheduler);
    const runs: FakeRun[] = [];
    const records: EventRecord[] = [];
    const hooked = defer(() => {
      const run = fakeRun();
      runs.push(run);
      return helpers.cold<AnyEvent>(WHOLE_RUN, lifecycle({ run, outputs })).pipe(run.deliver(), shared);
    });
    // Two at once, and one when they are over.
    for (const at of [0, 1, LONGEST_TEST_MS / 2]) {
      scheduler.schedule(() => records.push(EventRecord.of(hooked, scheduler)), at);
    }
    flush();
    const effects = runs.map((run, i) => effectsOf(run, records[i], keepsOutside));
    for (const effect of effects) {
      const path = firstDifference(effect, effects[0]);
      const told = (): string => `${describeValue(effect)} instead of ${describeValue(effects[0])}`;
      demand(path === undefined, () => `what it does in a run depends on other runs, see ${path}: ${told()}`);
    }
  });

  law('mirrors a real session, which comes to its end', ({ scheduler, flush }) => {
    const before: { frame: number; event: AnyEvent }[] = [];
    const source = session('-1-2-(34)-5|').pipe(tap((event) => before.push({ frame: scheduler.now(), event })));
    const record = EventRecord.of(source.pipe(factory(scheduler)), scheduler);
    flush();
    const { end, lifecycle: after } = record;
    demand(end?.kind !== 'error', () => `the run failed: ${describeCauses(end?.error)}`);
    demand(
      end !== undefined,
      () => 'the run never ended: a promise, an async function or setTimeout does not run in virtual time',
    );
    demand(
      before.length === after.length &&
        before.every(({ frame, event }, i) => event === after[i]?.event && frame === after[i].frame),
      () => `it was told ${before.map(nameOf).join(', ')} and passed on ${after.map(nameOf).join(', ')}`,
    );
    demand(after.at(-1)?.event.type === 'end', () => 'the run completed without `end`');
    demandQuiet(scheduler, 'after the run');
  });

  law('passes on the error of a real session, whose state is disposed of', ({ scheduler, flush }) => {
    const failure = new Error('the step failed');
    let disposed = 0;
    const source = scriptedSession('-1-#', { outputs, error: failure, onDispose: () => disposed++ });
    const record = EventRecord.of(source.pipe(factory(scheduler)), scheduler);
    flush();
    demand(record.end?.error === failure, () => `the run ended with ${describeCauses(record.end?.error)}`);
    demand(disposed === 1, () => `the state was disposed of ${disposed} times`);
    demandQuiet(scheduler, 'after the run failed');
  });

  law('bears the failure of a hook after it', ({ scheduler, flush }) => {
    const saboteur = hook('saboteur', () => ({
      step: () => {
        throw new Error('sabotage');
      },
    }));
    const record = EventRecord.of(session('-1-2|').pipe(factory(scheduler), saboteur), scheduler);
    flush();
    const error = record.end?.error;
    demand(
      error instanceof HookFailedError && error.hook === 'saboteur',
      () => `a later hook failed, and the run ended with ${describeCauses(error)}`,
    );
    demandQuiet(scheduler, 'after the run failed');
  });

  law('goes when a real session is cancelled', ({ scheduler, flush }) => {
    let disposed = 0;
    const record = EventRecord.of(session('-1-2-3-4', () => disposed++).pipe(factory(scheduler)), scheduler);
    scheduler.schedule(() => {
      const said = record.events.length;
      record.unsubscribe();
      demand(disposed === 1, () => `the state was disposed of ${disposed} times`);
      demandQuiet(scheduler, 'after the run was cancelled');
      demand(record.events.length === said, () => 'it said something after it was cancelled');
    }, 4);
    flush();
  });
}

type Factory = HookLawsOptions<unknown>['factory'];

/** REQUIRES: what is drawn begins with `b`, or has no events. */
function demandMirror(
  { cold, scheduler, flush }: RunHelpers & { readonly scheduler: TestScheduler },
  factory: Factory,
  outputs: (globalStep: number) => unknown,
  drawn: string,
): void {
  const run = fakeRun();
  const events: Lifecycle<unknown> = lifecycle({ run, steps: 3, outputs });
  const given = EventRecord.of(cold<AnyEvent>(drawn, events), scheduler);
  const record = EventRecord.of(cold<AnyEvent>(drawn, events).pipe(factory(scheduler)), scheduler);
  flush();
  const [expected, actual] = [given.draw(events), record.draw(events)];
  const failure = run.failures[0];
  const why = failure === undefined ? '' : `\n    it failed with ${describeCauses(failure)}`;
  demand(
    actual === expected,
    () => `it does not pass events on as they are\n    given      ${expected}\n    passed on  ${actual}${why}`,
  );
  run.cancel();
  demandQuiet(scheduler, `after ${drawn}`);
}

/** What a hook did in one run. */
function effectsOf(run: FakeRun, record: EventRecord | undefined, keepsOutside: boolean): object {
  const [start] = [run.stopRequests[0]?.at ?? 0];
  return {
    stops: run.stopRequests.map(({ reason, at }) => ({ reason, after: at - start })),
    failures: run.failures,
    tracked: [...run.tracked.keys()],
    ...(keepsOutside
      ? {}
      : { holds: run.holds.map(({ event }) => nameOf({ event: event as AnyEvent })), added: record?.added }),
  };
}

function nameOf({ event }: { readonly event: AnyEvent }): string {
  return 'globalStep' in event ? `${event.type} ${String(event.globalStep)}` : event.type;
}

function describeCauses(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? `, caused by ${describeCauses(error.cause)}` : '';
  return describeValue(error) + cause;
}

function demandQuiet(scheduler: TestScheduler, when: string): void {
  demand(scheduler.actions.length === 0, () => `it leaves a timer behind ${when}`);
}

function demand(isKept: boolean, fault: () => string): void {
  if (!isKept) throw new LawViolationError(fault());
}
