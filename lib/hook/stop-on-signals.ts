import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { toMilliseconds } from '../trigger/to-milliseconds.js';
import { type Hook, hook } from './hook.js';
import { DeadlineStop } from './stop/deadline-stop.js';
import type { StopDecisionEvent } from './stop/stop-decision-event.js';

/** The exit codes that a process stopped by these signals has: 128 and the signal's number. */
export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof SIGNAL_EXIT_CODES;

/** The part of Node's `process` that is used here. */
export interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  exit(code: number): unknown;
  exitCode?: number | string | undefined;
}

export interface StopOnSignalsOptions {
  /** @default SIGINT and SIGTERM */
  readonly signals?: readonly StopSignal[] | undefined;
  /** Told of the first signal, before the stop is asked for: to say something to who waits. */
  readonly onStop?: ((signal: StopSignal) => void) | undefined;
  /**
   * How long after the signal the process may live: Docker gives 10 s and Kubernetes 30 s before it kills. Saves that
   * would take longer than what is left are not begun, and when it is over the process ends; the last good checkpoint
   * is named. To know how long saves take, the hook must stand after the savers.
   *
   * @default no limit
   */
  readonly graceSeconds?: number | undefined;
  /** @default the process */
  readonly process?: SignalSource | undefined;
}

const OPTIONS: OptionNames<StopOnSignalsOptions> = { signals: true, onStop: true, graceSeconds: true, process: true };

/**
 * Ends the run in order when the process is told to stop: the step under way is finished, `end` comes with the final
 * save, and the exit code is set to that of the signal. A second signal ends the process at once, which harms no
 * checkpoint. The handlers are there only while the run is.
 *
 *     source               b-c-1-2-3-4-5
 *     SIGTERM              -------x
 *     stopOnSignals()      b-c-1-2-(e|)
 *
 * With `graceSeconds` it decides by how long the last saves took whether to save the last step, to finish only what is
 * being saved in the background, or to leave the last good checkpoint as the newest; a `stopDecision` event and the log
 * say which.
 *
 * @throws TypeError if there is no process to listen to; RangeError for another signal
 * @throws RangeError for a signal that it does not know, or a grace that is not above 0
 */
export function stopOnSignals(options: StopOnSignalsOptions = {}): Hook<StopDecisionEvent> {
  checkOptions('stopOnSignals(options)', options, OPTIONS);
  const { signals = ['SIGINT', 'SIGTERM'], onStop, graceSeconds, process = globalProcess() } = options;
  if (graceSeconds !== undefined) toMilliseconds('stopOnSignals(graceSeconds)', graceSeconds);
  if (process === undefined) throw new TypeError('stopOnSignals(process): expected the process, found none here');
  for (const signal of signals) {
    if (!Object.hasOwn(SIGNAL_EXIT_CODES, signal)) {
      throw new RangeError(`stopOnSignals(signals): expected SIGINT or SIGTERM, received ${describeReceived(signal)}`);
    }
  }
  return hook<StopDecisionEvent>('stopOnSignals', (output) => {
    let listener: ((signal: StopSignal) => void) | undefined;
    let first: StopSignal | undefined;
    const exit = (signal: StopSignal = 'SIGTERM') => process.exit(SIGNAL_EXIT_CODES[signal]);
    const deadline =
      graceSeconds === undefined
        ? undefined
        : new DeadlineStop({ graceSeconds, emit: (event) => output.emit(event), exit: () => exit(first) });
    return {
      begin: (event) => {
        deadline?.begin(event);
        listener = (signal) => {
          if (first !== undefined) {
            exit(signal);
            return;
          }
          first = signal;
          process.exitCode = SIGNAL_EXIT_CODES[signal];
          try {
            onStop?.(signal);
          } finally {
            event.requestStop(signal);
          }
          deadline?.start(signal);
        };
        for (const signal of signals) process.on(signal, listener);
      },
      sessionCreated: ({ restored }) => deadline?.sessionCreated(restored?.prefix),
      hookEvent: (event) => deadline?.hear(event),
      teardown: () => {
        deadline?.stop();
        if (listener !== undefined) for (const signal of signals) process.off(signal, listener);
      },
    };
  });
}

function globalProcess(): SignalSource | undefined {
  return (globalThis as { process?: SignalSource }).process;
}
