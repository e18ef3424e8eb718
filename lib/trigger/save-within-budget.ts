import {
  asyncScheduler,
  defer,
  filter,
  finalize,
  map,
  merge,
  NEVER,
  type Observable,
  type SchedulerLike,
  Subject,
  startWith,
  switchMap,
  tap,
  timer,
} from 'rxjs';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import type { StepEvent } from '../session/event.js';
import type { SaveCost } from './save-cost.js';
import { toMilliseconds } from './to-milliseconds.js';
import type { StepTrigger } from './trigger.js';

export interface SaveWithinBudgetOptions {
  /** The part of the run's time for which saves may hold the loop, above 0 and below 1. @default 0.01 */
  readonly stallFraction?: number | undefined;
  /** The least time between two saves, however cheap they are. @default 10 */
  readonly minSeconds?: number | undefined;
  /** The most time between two saves, however dear they are: the most work that a crash can take. @default 3600 */
  readonly maxSeconds?: number | undefined;
}

const OPTIONS: OptionNames<SaveWithinBudgetOptions> = { stallFraction: true, minSeconds: true, maxSeconds: true };

interface Budget {
  readonly stallFraction: number;
  readonly minMs: number;
  readonly maxMs: number;
  readonly scheduler: SchedulerLike;
}

/**
 * Saves as often as `stallFraction` of the run's time allows. Every save is paid for by the time that follows it: after
 * one that held the loop for `s` seconds the next comes at the first step after `s / stallFraction - s` seconds without
 * one, so that of the `s / stallFraction` seconds from the beginning of a save to that of the next, `s` were lost.
 * A slow save puts off the next one at once, and nothing has to be foretold.
 *
 *     a save of 20 ms, 1 %     20 / 0.01 - 20 = 1980 ms      raised to minSeconds
 *     a save of 0.5 s, 1 %     0.5 / 0.01 - 0.5 = 49.5 s
 *     a save of 90 s, 1 %      90 / 0.01 - 90 = 8910 s       lowered to maxSeconds: 2.4 % are lost
 *
 * It is for a saver's `trigger`, which tells it what each save cost; the save at the creation of the session is the
 * first. Before the first one it waits for `minSeconds`; of a save that it hears nothing of, as without a saver, it
 * assumes the worst and waits for `maxSeconds`. Never fires twice for the same global step. The clock is never read.
 *
 * @param scheduler whose time counts; the default keeps time by timers, which are monotonic
 * @throws RangeError for a fraction that is not between 0 and 1, or times that are not above 0 and in order
 */
export function saveWithinBudget(
  options: SaveWithinBudgetOptions = {},
  scheduler: SchedulerLike = asyncScheduler,
): StepTrigger {
  checkOptions('saveWithinBudget(options)', options, OPTIONS);
  const { stallFraction = 0.01, minSeconds = 10, maxSeconds = 3600 } = options;
  if (!(stallFraction > 0 && stallFraction < 1)) {
    throw new RangeError(
      `saveWithinBudget(stallFraction): expected a number above 0 and below 1, received ${describeReceived(stallFraction)}`,
    );
  }
  const minMs = toMilliseconds('saveWithinBudget(minSeconds)', minSeconds);
  const maxMs = toMilliseconds('saveWithinBudget(maxSeconds)', maxSeconds);
  if (minMs > maxMs) {
    throw new RangeError(
      `saveWithinBudget(minSeconds): expected at most maxSeconds (${maxSeconds}), received ${describeReceived(minSeconds)}`,
    );
  }
  return withinBudget({ stallFraction, minMs, maxMs, scheduler }, undefined);
}

/** @param firedAt the global step at which it fired when it is subscribed to, if it did */
function withinBudget(budget: Budget, firedAt: number | undefined): StepTrigger {
  const { minMs, maxMs, scheduler } = budget;
  const trigger = <E extends StepEvent>(steps: Observable<E>, saves: Observable<SaveCost> = NEVER): Observable<E> =>
    defer(() => {
      let lastFired = firedAt;
      let isOpen = false;
      const fired = new Subject<undefined>();
      const waits = merge(fired.pipe(map(() => maxMs)), saves.pipe(map((cost) => waitAfter(cost, budget))));
      const gate = waits
        .pipe(
          startWith(minMs),
          switchMap((milliseconds) => {
            isOpen = false;
            return timer(milliseconds, scheduler);
          }),
        )
        .subscribe(() => {
          isOpen = true;
        });
      return steps.pipe(
        filter(({ globalStep }) => isOpen && globalStep !== lastFired),
        tap(({ globalStep }) => {
          lastFired = globalStep;
          fired.next(undefined);
        }),
        finalize(() => gate.unsubscribe()),
      );
    });
  return Object.assign(trigger, { begunAt: (globalStep: number) => withinBudget(budget, globalStep) });
}

function waitAfter({ stallSeconds }: SaveCost, { stallFraction, minMs, maxMs }: Budget): number {
  const milliseconds = (stallSeconds / stallFraction - stallSeconds) * 1000;
  return Math.min(maxMs, Math.max(minMs, milliseconds));
}
