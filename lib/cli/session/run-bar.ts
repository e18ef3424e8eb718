import { type Hook, hook, type ProgressBar, progressBar } from '../../index.js';
import { paintFor } from '../../node.js';
import type { Io } from '../io.js';
import { numbersOf } from './event-line.js';

const SHOWN_METRICS = 3;

export interface RunBarSettings {
  /** Filled by {@link nameMetrics}. */
  readonly metrics: readonly string[];
  readonly totalSteps: number | undefined;
  readonly isPlain: boolean;
}

/** The progress of a run on standard error. */
export function runBar(
  { terminal = {}, env, err }: Io,
  { metrics, totalSteps, isPlain }: RunBarSettings,
): ProgressBar<string> {
  return progressBar({
    stream: {
      isTTY: terminal.isTTY,
      // Windows of terminals change their size.
      get columns() {
        return terminal.columns;
      },
      write: err,
    },
    totalSteps,
    metrics,
    paint: paintFor(terminal, { ...env }),
    isPlain: isPlain || terminal.isTTY !== true,
  });
}

/** Puts the names of those outputs into `metrics` that are numbers; which, is known with the first step. */
export function nameMetrics(metrics: string[]): Hook {
  return hook('metrics', (output) => ({
    step: ({ outputs }) => {
      if (metrics.length === 0) metrics.push(...[...numbersOf(outputs).keys()].slice(0, SHOWN_METRICS));
      output.sleepUntil(Number.POSITIVE_INFINITY);
    },
  }));
}
