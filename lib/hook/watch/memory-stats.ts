import { checkFunction } from '../../error/check-function.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { everySteps } from '../../trigger/every-steps.js';
import { expectTriggers } from '../../trigger/expect-triggers.js';
import type { Trigger } from '../../trigger/trigger.js';
import { type Hook, hook } from '../hook.js';
import { MetricsEvent } from '../metrics-event.js';
import { scalarsOf } from '../scalars-of.js';
import { Schedule } from '../schedule.js';

export interface MemoryStatsOptions<O = unknown> {
  /** When to measure. @default everySteps(100) */
  readonly trigger?: Trigger<O> | undefined;
  /** What the numbers go under, for one if there are several probes. @default 'memory' */
  readonly source?: string | undefined;
}

const OPTIONS: OptionNames<MemoryStatsOptions<never>> = { trigger: true, source: true };

/**
 * Tells how much memory is in use at each firing of the trigger, as metrics.
 *
 *     source                                          b-c-1-2-3-4-e-|
 *     memoryStats(probe, { trigger: everySteps(2) })  b-c-1-(m2)3-(m4)e-|
 *
 * @param probe returns numbers by name; what else is in it is left out
 * @throws TypeError for wrong arguments
 * @example
 * memoryStats(() => process.memoryUsage())    // memory/rss, memory/heapUsed, …, in bytes
 * memoryStats(() => tf.memory())              // memory/numTensors, memory/numBytes, …
 */
export function memoryStats<O = unknown>(
  probe: () => object,
  options: MemoryStatsOptions<O> = {},
): Hook<MetricsEvent, O> {
  checkOptions('memoryStats(options)', options, OPTIONS);
  const { trigger = everySteps(100), source = 'memory' } = options;
  checkFunction('memoryStats(probe)', probe);
  expectTriggers('memoryStats(trigger)', [trigger]);
  return hook<MetricsEvent, O>('memoryStats', (output) => {
    const schedule = new Schedule(trigger);
    return {
      sessionCreated: (event) => schedule.start(event),
      step(event) {
        if (schedule.isDueAt(event)) output.emit(new MetricsEvent(source, event.globalStep, scalarsOf(probe())));
        output.sleepUntil(schedule.nextStep);
      },
      teardown: () => schedule.stop(),
    };
  });
}
