import { defer, EMPTY, from, type Observable, type ObservableInput, of, tap } from 'rxjs';
import { AfterSaveEvent, BeforeSaveEvent, SnapshotTakenEvent } from '../../checkpoint/checkpoint-event.js';
import { checkFunction } from '../../error/check-function.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { BeginEvent, EndEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { isPending } from '../../session/is-pending.js';
import { expectTriggers } from '../../trigger/expect-triggers.js';
import type { Trigger } from '../../trigger/trigger.js';
import { type HookActions, type HookOutput, hook } from '../hook.js';
import { MetricsEvent } from '../metrics-event.js';
import { Schedule } from '../schedule.js';
import type { StateHook } from './state-hook.js';

/** What an evaluation found, by name. */
export type Metrics = Readonly<Record<string, number>>;

export interface EvaluateOptions<S, O = unknown> {
  /** Measures the state as it is; the loop is held until the answer is there. */
  readonly run: (state: S, globalStep: number) => Metrics | ObservableInput<Metrics>;
  /** When: at the firings of a trigger, or whenever a saver that stands before this hook has made a checkpoint. */
  readonly on: Trigger<O> | 'checkpoints';
  /** What the metrics are called: `<name>/<metric>`. @default 'validation' */
  readonly name?: string | undefined;
  /** Whether to measure when the session is created, too. @default false */
  readonly atStart?: boolean | undefined;
  /** Whether to measure the last step, unless that was done already. @default true */
  readonly atEnd?: boolean | undefined;
  /** The least time from the beginning of one evaluation to the next; the last step is measured all the same. @default 0 */
  readonly minIntervalSeconds?: number | undefined;
}

const OPTIONS: OptionNames<EvaluateOptions<never, never>> = {
  run: true,
  on: true,
  name: true,
  atStart: true,
  atEnd: true,
  minIntervalSeconds: true,
};

/**
 * Evaluates within the run, and tells what it found as a MetricsEvent.
 *
 *     source                                     b-c-1-2----3-4----5-e----|
 *     evaluate({ on: everySteps(2), run })       b-c-1-2--M-3-4--M-5-e--M-|
 *
 * Nothing changes the state while it is measured: the step is over, and the next one has not begun. No step is measured
 * twice. Put it before the saver, on the same trigger: then the metrics are in the checkpoint, and `keepBest` sees them.
 * With `on: 'checkpoints'` it stands after the saver, and measures what was saved after the metrics of the checkpoint
 * were written. After a save in the background, whose state is gone by then, it measures the next step instead.
 *
 * @throws TypeError, RangeError for wrong options
 * @see TensorFlow Estimator, InMemoryEvaluatorHook and train_and_evaluate
 */
export function evaluate<S, O = unknown>(options: EvaluateOptions<S, O>): StateHook<S, MetricsEvent, O> {
  checkOptions('evaluate(options)', options, OPTIONS);
  const { run, on, name = 'validation', atStart = false, atEnd = true, minIntervalSeconds = 0 } = options;
  checkFunction('evaluate(run)', run);
  if (on !== 'checkpoints') expectTriggers('evaluate(on)', [on]);
  if (typeof name !== 'string' || name === '' || name.includes('/')) {
    throw new RangeError(`evaluate(name): expected a name without "/", received ${describeReceived(name)}`);
  }
  if (!(minIntervalSeconds >= 0)) {
    throw new RangeError(
      `evaluate(minIntervalSeconds): expected a number from 0, received ${describeReceived(minIntervalSeconds)}`,
    );
  }
  const settings = { run, on, name, atStart, atEnd, minIntervalSeconds };
  return hook<MetricsEvent, O>('evaluate', (output) => new ActiveEvaluation<S, O>(settings, output));
}

type Settings<S, O> = Required<{ [Name in keyof EvaluateOptions<S, O>]: NonNullable<EvaluateOptions<S, O>[Name]> }>;

class ActiveEvaluation<S, O> implements HookActions<O> {
  readonly #settings: Settings<S, O>;
  readonly #output: HookOutput<MetricsEvent>;
  readonly #schedule: Schedule<O> | undefined;
  #begin: BeginEvent | undefined;
  #created: SessionCreatedEvent | undefined;
  #measuredStep: number | undefined;
  #startedAt = Number.NEGATIVE_INFINITY;
  /** Whether the loop goes on while the save is written: then the state is not that of the save any more. */
  #isInBackground = false;
  /** Whether the next step is to be measured, because of a save in the background. */
  #isDue = false;

  constructor(settings: Settings<S, O>, output: HookOutput<MetricsEvent>) {
    this.#settings = settings;
    this.#output = output;
    this.#schedule = settings.on === 'checkpoints' ? undefined : new Schedule(settings.on);
  }

  begin(event: BeginEvent): void {
    this.#begin = event;
  }

  sessionCreated(event: SessionCreatedEvent): void {
    this.#created = event;
    this.#schedule?.start(event);
    this.#measuredStep = undefined;
    this.#isDue = false;
    if (this.#settings.atStart) event.waitUntil(this.#measure(event.state, event.globalStep));
  }

  step(event: StepEvent<unknown, O>): void {
    const schedule = this.#schedule;
    const isDue = schedule === undefined ? this.#isDue : schedule.isDueAt(event);
    this.#isDue = false;
    if (isDue && this.#isTimeAgain()) {
      event.waitUntil(this.#measure(event.state, event.globalStep));
    }
    this.#output.sleepUntil(schedule?.nextStep ?? Number.POSITIVE_INFINITY);
  }

  hookEvent(event: HookEvent): void {
    const created = this.#created;
    if (this.#schedule !== undefined || created === undefined) return;
    if (event instanceof BeforeSaveEvent) this.#isInBackground = false;
    if (event instanceof SnapshotTakenEvent) this.#isInBackground = true;
    if (!(event instanceof AfterSaveEvent)) return;
    // The save at the creation of the session is of a state that was measured before it was restored, or is not trained.
    if (event.globalStep === created.globalStep || !this.#isTimeAgain()) return;
    if (this.#isInBackground) {
      this.#isDue = true;
      this.#output.sleepUntil(0);
      return;
    }
    event.waitUntil(this.#measure(created.state, event.globalStep));
  }

  end(event: EndEvent): void {
    if (this.#settings.atEnd) event.waitUntil(this.#measure(event.state, event.globalStep));
  }

  teardown(): void {
    this.#schedule?.stop();
  }

  #isTimeAgain(): boolean {
    const now = this.#begin?.scheduler.now() ?? 0;
    return now - this.#startedAt >= this.#settings.minIntervalSeconds * 1000;
  }

  #measure(state: unknown, globalStep: number): Observable<unknown> {
    return defer(() => {
      if (this.#measuredStep === globalStep) return EMPTY;
      this.#measuredStep = globalStep;
      this.#startedAt = this.#begin?.scheduler.now() ?? 0;
      // The type of the hook asks for a session whose state is an S.
      const found = this.#settings.run(state as S, globalStep);
      return (isPending<Metrics>(found) ? from(found) : of(found)).pipe(
        tap((metrics) => this.#output.emit(new MetricsEvent(this.#settings.name, globalStep, numbersOf(metrics)))),
      );
    });
  }
}

function numbersOf(metrics: Metrics): ReadonlyMap<string, number> {
  const entries = typeof metrics === 'object' && metrics !== null ? Object.entries(metrics) : [];
  if (entries.length === 0) throw new TypeError('evaluate(run): expected numbers by name, received none');
  for (const [name, value] of entries) {
    if (typeof value !== 'number') {
      throw new TypeError(`evaluate(run): expected a number "${name}", received ${describeReceived(value)}`);
    }
  }
  return new Map(entries);
}
