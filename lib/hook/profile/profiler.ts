import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { everySteps } from '../../trigger/every-steps.js';
import { expectTriggers } from '../../trigger/expect-triggers.js';
import type { Trigger } from '../../trigger/trigger.js';
import { type Hook, hook } from '../hook.js';
import { ActiveProfiler } from './active-profiler.js';
import type { CpuProfiler } from './cpu-profiler.js';
import type { ProfileSink } from './profile-sink.js';
import type { StepProfiledEvent } from './step-profiled-event.js';

export interface ProfilerOptions {
  /**
   * Which steps are profiled. It is asked before a step about that step, so it sees no outputs, and counts from where
   * the session was created; the first step of a session is never profiled.
   *
   * @default everySteps(100)
   */
  readonly trigger?: Trigger | undefined;
  /** Samples the program during profiled steps, too; in Node, `inspectorCpuProfiler()`. @default none */
  readonly cpuProfiler?: CpuProfiler | undefined;
}

const OPTIONS: OptionNames<ProfilerOptions> = { trigger: true, cpuProfiler: true };

/**
 * Writes down where the time of chosen steps goes: waiting for input, training, each hook's actions, what holds the
 * loop, saves. A profile is a trace in Chrome's format, `timeline-<globalStep>.json`, for Perfetto and chrome://tracing;
 * with a CPU profiler, `timeline-<globalStep>.cpuprofile` comes with it.
 *
 *     source                                    b-c-1-2-3-4-e-|
 *     profiler(sink, { trigger: everySteps(2) })
 *     profiled                                      ==  ==
 *     adds                                      b-c-1-2-P3-4P(e|)     when the step is done with, before what follows
 *
 * Steps that are not profiled cost nothing where the trigger knows its next step, as `everySteps` does. It sees the
 * actions and holds of all hooks, and the saves of hooks before it: it belongs at the end of the pipe. A step that fails
 * leaves no profile; what cannot be written is told in the log and stops no training.
 *
 * @throws TypeError for a sink, trigger or CPU profiler that is none
 * @see TensorFlow, basic_session_run_hooks.py, ProfilerHook
 * @see docs/guide/profiling.md
 */
export function profiler(sink: ProfileSink, options: ProfilerOptions = {}): Hook<StepProfiledEvent> {
  checkOptions('profiler(options)', options, OPTIONS);
  const { trigger = everySteps(100), cpuProfiler } = options;
  if (typeof sink?.write !== 'function') throw new TypeError('profiler(sink): expected an object with write()');
  expectTriggers('profiler(trigger)', [trigger]);
  if (cpuProfiler !== undefined && typeof cpuProfiler?.start !== 'function') {
    throw new TypeError('profiler(cpuProfiler): expected an object with start() and stop()');
  }
  return hook<StepProfiledEvent>('profiler', (output) => new ActiveProfiler({ sink, trigger, cpuProfiler, output }));
}
