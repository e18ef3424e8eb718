import { type Hook, hook } from './hook.js';

/** The exit codes that a process stopped by these signals has: 128 and the signal's number. */
export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143 } as const;

export type StopSignal = keyof typeof SIGNAL_EXIT_CODES;

/** The part of Node's `process` that is used here. */
export interface SignalSource {
  on(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  off(signal: StopSignal, listener: (signal: StopSignal) => void): unknown;
  exit(code: number): unknown;
  exitCode?: number | string | null | undefined;
}

export interface StopOnSignalsOptions {
  /** @default SIGINT and SIGTERM */
  readonly signals?: readonly StopSignal[] | undefined;
  /** Told of the first signal, before the stop is asked for: to say something to who waits. */
  readonly onStop?: ((signal: StopSignal) => void) | undefined;
  /** @default the process */
  readonly process?: SignalSource | undefined;
}

/**
 * Ends the run in order when the process is told to stop: the step under way is finished, `end` comes with the final
 * save, and the exit code is set to that of the signal. A second signal ends the process at once, which harms no
 * checkpoint. The handlers are there only while the run is.
 *
 *     source               b-c-1-2-3-4-5
 *     SIGTERM              -------x
 *     stopOnSignals()      b-c-1-2-(e|)
 *
 * @throws TypeError if there is no process to listen to
 */
export function stopOnSignals(options: StopOnSignalsOptions = {}): Hook {
  const { signals = ['SIGINT', 'SIGTERM'], onStop, process = globalProcess() } = options;
  if (process === undefined) throw new TypeError('stopOnSignals(process): expected the process, found none here');
  for (const signal of signals) {
    if (!(signal in SIGNAL_EXIT_CODES)) {
      throw new RangeError(`stopOnSignals(signals): expected SIGINT or SIGTERM, received "${signal}"`);
    }
  }
  return hook('stopOnSignals', () => {
    let listener: ((signal: StopSignal) => void) | undefined;
    return {
      begin: (event) => {
        let isStopping = false;
        listener = (signal) => {
          if (isStopping) {
            process.exit(SIGNAL_EXIT_CODES[signal]);
            return;
          }
          isStopping = true;
          process.exitCode = SIGNAL_EXIT_CODES[signal];
          onStop?.(signal);
          event.requestStop(signal);
        };
        for (const signal of signals) process.on(signal, listener);
      },
      teardown: () => {
        if (listener !== undefined) for (const signal of signals) process.off(signal, listener);
      },
    };
  });
}

function globalProcess(): SignalSource | undefined {
  return (globalThis as { process?: SignalSource }).process;
}
