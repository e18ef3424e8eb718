import { defer, EMPTY, type Observable, tap } from 'rxjs';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { describeReceived } from '../../error/describe-received.js';
import type { BeginEvent, EndEvent, SessionCreatedEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { expectWholeNumber } from '../../trigger/expect-whole-number.js';
import { type Hook, type HookActions, hook } from '../hook.js';
import { HookState } from '../state/hook-state.js';
import { type KeptParts, keepParts, NO_PARTS, putBackParts } from './kept-parts.js';
import { MetricReader, type OutputsWith } from './metric-reader.js';

export interface EarlyStoppingOptions {
  /** Whether lower or higher values are better. */
  readonly mode: 'min' | 'max';
  /** How many values in a row may come without an improvement; the next one stops the run. A whole number from 0. */
  readonly patience: number;
  /** How much better than the best a value must be to count; more than this, not just as much. @default 0 */
  readonly minDelta?: number | undefined;
  /** Values at steps below this one are not looked at. @default 0 */
  readonly minSteps?: number | undefined;
  /** Stops as soon as a value is at least as good as this. @default never */
  readonly goal?: number | undefined;
  /**
   * Whether the state of the best value is put back when this hook stops the run, or the input ends. Checkpoints hold
   * it, so that a resumed run has it, too: they are twice as large.
   *
   * @default false
   */
  readonly restoreBest?: boolean | undefined;
  /** Where checkpoints keep its state: `hook/<key>`. @default 'earlyStopping' */
  readonly key?: string | undefined;
}

const OPTIONS: OptionNames<EarlyStoppingOptions> = {
  mode: true,
  patience: true,
  minDelta: true,
  minSteps: true,
  goal: true,
  restoreBest: true,
  key: true,
};

const MODES: readonly unknown[] = ['min', 'max'];

interface Progress {
  /** NaN before there is one. */
  readonly best: number;
  readonly bestStep: number;
  /** Values since the best one. */
  readonly waited: number;
  readonly isGoalReached: boolean;
  /** The state at the best value, if it is kept. */
  readonly parts: KeptParts;
}

const fresh = (): Progress => ({ best: Number.NaN, bestStep: 0, waited: 0, isGoalReached: false, parts: NO_PARTS });

/**
 * Stops the run when a metric has not improved for a while.
 *
 *     validation/loss    5   4   6   4   5
 *     patience: 2                      stop: two values came without an improvement, and this is the third
 *
 * NaN is never an improvement. What it has seen is in checkpoints: a resumed run stops where it would have stopped, and
 * one that was stopped takes no step when it is started again, unless it is given more patience.
 *
 * Put it after the hook that measures the metric and before the saver. `restoreBest` puts back the parts of the state
 * before the last save, and leaves the global step and the place in the input. A run that is stopped by anything else,
 * such as a signal, keeps its state, so that it can be resumed exactly. If the input ends at a step that was saved
 * already, that checkpoint stays as it is.
 *
 * @param metric a number that steps return, or `<source>/<name>` of what an earlier hook measures
 * @throws TypeError, RangeError for wrong arguments
 */
export function earlyStopping<const K extends string>(
  metric: K,
  options: EarlyStoppingOptions,
): Hook<never, OutputsWith<K>> {
  checkOptions('earlyStopping(options)', options, OPTIONS);
  const reader = new MetricReader('earlyStopping', metric);
  const { mode, patience, minDelta = 0, minSteps = 0, goal, restoreBest = false, key = 'earlyStopping' } = options;
  if (!MODES.includes(mode))
    throw new RangeError(`earlyStopping(mode): expected 'min' or 'max', received ${describeReceived(mode)}`);
  expectWholeNumber('earlyStopping(patience)', patience, 0);
  expectWholeNumber('earlyStopping(minSteps)', minSteps, 0);
  if (!(minDelta >= 0))
    throw new RangeError(`earlyStopping(minDelta): expected a number from 0, received ${describeReceived(minDelta)}`);
  const judge = { sign: mode === 'min' ? 1 : -1, patience, minDelta, minSteps, goal };
  return hook<never, OutputsWith<K>>('earlyStopping', () => new ActiveStopping(reader, judge, restoreBest, key));
}

interface Judge {
  readonly sign: number;
  readonly patience: number;
  readonly minDelta: number;
  readonly minSteps: number;
  readonly goal: number | undefined;
}

class ActiveStopping<O> implements HookActions<O> {
  readonly #reader: MetricReader;
  readonly #judge: Judge;
  readonly #restoresBest: boolean;
  readonly #key: string;
  readonly #state: HookState<Progress>;
  #begin: BeginEvent | undefined;
  #isSeen = false;
  /** What is still to be done when the state stands still: keep it, or put back the best. */
  #task: 'keep' | 'putBack' | undefined;

  constructor(reader: MetricReader, judge: Judge, restoresBest: boolean, key: string) {
    this.#reader = reader;
    this.#judge = judge;
    this.#restoresBest = restoresBest;
    this.#key = key;
    this.#state = new HookState({ key, initial: fresh });
  }

  begin(event: BeginEvent): void {
    this.#begin = event;
    event.track(this.#key, this.#state);
  }

  sessionCreated(event: SessionCreatedEvent): void {
    this.#task = undefined;
    if (this.#isOver) event.requestStop(this.#reason());
  }

  step(event: StepEvent<unknown, O>): void {
    if (!this.#reader.isMeasured) this.#see(this.#reader.ofOutputs(event.outputs), event.globalStep);
    // A measurement comes while the step is held; what follows from it must be done before the saver that stands behind.
    if (this.#restoresBest && (this.#reader.isMeasured || this.#task !== undefined))
      event.waitUntil(this.#settle(event));
  }

  hookEvent(event: HookEvent): void {
    const value = this.#reader.isMeasured ? this.#reader.ofEvent(event) : undefined;
    if (value !== undefined && 'globalStep' in event) this.#see(value, Number(event.globalStep));
  }

  end(event: EndEvent): void {
    if (!this.#isSeen) {
      event.logger.warn(
        `earlyStopping: "${this.#reader.metric}" was never measured; does its hook stand before this one?`,
      );
    }
    if (!this.#restoresBest) return;
    event.waitUntil(
      defer(() => {
        const isLast = event.cause === 'inputExhausted' && this.#task === undefined;
        if (isLast && this.#state.current.bestStep !== event.globalStep) this.#task = 'putBack';
        return this.#settle(event);
      }),
    );
  }

  get #isOver(): boolean {
    const { waited, isGoalReached } = this.#state.current;
    return isGoalReached || waited > this.#judge.patience;
  }

  #reason(): string {
    const { best, bestStep, waited, isGoalReached } = this.#state.current;
    const { metric } = this.#reader;
    if (isGoalReached) return `${metric} has reached its goal: ${best} at step ${bestStep}`;
    return `${metric} has not improved ${waited} times in a row: its best was ${best} at step ${bestStep}`;
  }

  #see(value: number, globalStep: number): void {
    this.#isSeen = true;
    const { sign, minDelta, minSteps, goal } = this.#judge;
    if (globalStep < minSteps || this.#isOver) return;
    const progress = this.#state.current;
    const { best } = progress;
    if (!Number.isNaN(value) && (Number.isNaN(best) || sign * (best - value) > minDelta)) {
      const isGoalReached = goal !== undefined && sign * (goal - value) >= 0;
      this.#state.current = { ...progress, best: value, bestStep: globalStep, waited: 0, isGoalReached };
      this.#task = 'keep';
    } else {
      this.#state.current = { ...progress, waited: progress.waited + 1 };
    }
    if (!this.#isOver) return;
    if (this.#task === undefined) this.#task = 'putBack';
    this.#begin?.requestStop(this.#reason());
  }

  /** Does what is to be done, at a moment at which no step is being taken. */
  #settle(event: StepEvent<unknown, O> | EndEvent): Observable<unknown> {
    return defer(() => {
      const task = this.#task;
      this.#task = undefined;
      if (task === 'keep') {
        return keepParts(event.state).pipe(
          tap((parts) => {
            this.#state.current = { ...this.#state.current, parts };
          }),
        );
      }
      const { parts, bestStep } = this.#state.current;
      if (task === undefined || parts.names.length === 0) return EMPTY;
      event.logger.info({ bestStep, globalStep: event.globalStep }, `the state of step ${bestStep} is put back`);
      return putBackParts(parts, event.state);
    });
  }
}
