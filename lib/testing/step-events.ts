import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import {
  BeforeStepEvent,
  BeginEvent,
  EndEvent,
  SessionCreatedEvent,
  type SessionEvent,
  StepEvent,
} from '../session/event.js';
import type { RestoredFrom } from '../session/restore-source.js';
import type { SessionState } from '../session/scaffold.js';
import { type FakeOutputs, fakeOutputs } from './fake-outputs.js';
import { type FakeRun, fakeRun } from './fake-run.js';
import { fakeState } from './fake-state.js';

export type { FakeOutputs };

export interface StepEventsOptions<O> {
  /** The run behind the events. @default a fake run of their own */
  readonly run?: FakeRun | undefined;
  /** The global step before the first step, as after a restart. @default 0 */
  readonly startAt?: number | undefined;
  /** The global step after each step, where it does not grow by one: `[5, 40]` for steps `1` and `2`. */
  readonly globalSteps?: readonly number[] | undefined;
  /** What the step that leads to this global step returned. @default a loss of `1 / globalStep` */
  readonly outputs?: ((globalStep: number) => O) | undefined;
  /** The state that events carry. @default fakeState() */
  readonly state?: SessionState | undefined;
}

const OPTIONS: OptionNames<StepEventsOptions<never>> = {
  run: true,
  startAt: true,
  globalSteps: true,
  outputs: true,
  state: true,
};

type Digit = '1' | '2' | '3' | '4' | '5' | '6' | '7' | '8' | '9';
type Capital = 'A' | 'B' | 'C' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I';

/** Step events by the marble that stands for them. */
export type StepEvents<O = FakeOutputs> = Readonly<Record<Digit, StepEvent<SessionState, O>>>;

/**
 * Real step events for marbles: `1` is the first step of the run, `9` the ninth.
 *
 *     cold('-1-2-3-|', stepEvents())
 */
export function stepEvents(options?: StepEventsOptions<FakeOutputs>): StepEvents;
export function stepEvents<O>(options: OutputsOf<O, StepEventsOptions<O>>): StepEvents<O>;
export function stepEvents(options: StepEventsOptions<unknown> = {}): StepEvents<unknown> {
  checkOptions('stepEvents(options)', options, OPTIONS);
  const { run = fakeRun(), startAt = 0, globalSteps = [], outputs = fakeOutputs, state = fakeState() } = options;
  const events: Record<string, StepEvent<SessionState, unknown>> = {};
  let previous = startAt;
  for (let i = 1; i <= 9; i++) {
    const globalStep = globalSteps[i - 1] ?? previous + 1;
    events[i] = new StepEvent(run, state, globalStep, previous, outputs(globalStep));
    previous = globalStep;
  }
  return events as StepEvents<unknown>;
}

export interface LifecycleOptions<O> extends StepEventsOptions<O> {
  /** After which of its nine steps the run ends, which `e` tells. @default 9 */
  readonly steps?: number | undefined;
  /** What ended the run. @default inputExhausted */
  readonly cause?: EndEvent['cause'] | undefined;
  /** The reason of the stop request, if there was one. */
  readonly reason?: string | undefined;
  /** The checkpoint from which the state was restored. */
  readonly restored?: RestoredFrom | undefined;
}

const LIFECYCLE_OPTIONS: OptionNames<LifecycleOptions<never>> = {
  ...OPTIONS,
  steps: true,
  cause: true,
  reason: true,
  restored: true,
};

/** Lifecycle events by the marble that stands for them. */
export type Lifecycle<O = FakeOutputs> = StepEvents<O> &
  Readonly<Record<Capital, BeforeStepEvent<SessionState>>> & {
    readonly b: BeginEvent;
    readonly c: SessionCreatedEvent<SessionState>;
    readonly e: EndEvent<SessionState>;
  } & { readonly [marble: string]: SessionEvent<SessionState, O> };

/**
 * The real events of a whole run for marbles, on a run that only writes down what they ask for:
 *
 *     b c        begin, sessionCreated
 *     A B … I    before the first, the second, … step
 *     1 2 … 9    after it
 *     e          end
 *
 *     cold('(bc)-A1-B2-C3-(e|)', lifecycle({ steps: 3 }))
 *
 * @throws RangeError if `steps` is no whole number from 0 to 9
 */
export function lifecycle(options?: LifecycleOptions<FakeOutputs>): Lifecycle;
export function lifecycle<O>(options: OutputsOf<O, LifecycleOptions<O>>): Lifecycle<O>;
export function lifecycle(options: LifecycleOptions<unknown> = {}): Lifecycle<unknown> {
  checkOptions('lifecycle(options)', options, LIFECYCLE_OPTIONS);
  const {
    run = fakeRun(),
    startAt = 0,
    globalSteps,
    outputs = fakeOutputs,
    steps: count = 9,
    state = fakeState(),
    cause = options.reason === undefined ? 'inputExhausted' : 'stopRequested',
    reason,
    restored,
  } = options;
  if (!Number.isInteger(count) || count < 0 || count > 9) {
    throw new RangeError(`lifecycle(steps): expected a whole number from 0 to 9, received ${describeReceived(count)}`);
  }
  const steps = stepEvents<unknown>({ run, startAt, globalSteps, outputs, state });
  const before = Object.values(steps).map(
    ({ previousGlobalStep }, i) => ['ABCDEFGHI'[i], new BeforeStepEvent(run, state, previousGlobalStep)] as const,
  );
  const last = Object.values(steps)[count - 1]?.globalStep ?? startAt;
  return {
    b: new BeginEvent(run),
    c: new SessionCreatedEvent(run, state, startAt, 1, restored, undefined),
    ...Object.fromEntries(before),
    ...steps,
    e: new EndEvent(run, state, last, cause, reason),
  } as Lifecycle<unknown>;
}

/** Options with which `outputs` must be given, since no default has its type. */
type OutputsOf<O, T extends StepEventsOptions<O>> = T & { readonly outputs: (globalStep: number) => O };
