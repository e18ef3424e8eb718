// What a process that is to be killed tells the one that kills it.

import type { StepRecord } from './run-record.js';

/** What a process is asked to do, as the one argument of its command, in JSON. */
export interface RunOrder {
  /** The URL of the module that exports `makeRun`. */
  readonly module: string;
  readonly folder: string;
  /** The global step at which the run is over. */
  readonly steps: number;
  /** The global step after which the process kills itself, if it does. */
  readonly killAt: number | undefined;
}

export type RunMessage =
  | { readonly type: 'begun' }
  | { readonly type: 'created' | 'step'; readonly globalStep: number; readonly record: StepRecord }
  | { readonly type: 'failed'; readonly message: string }
  | { readonly type: 'ended' };
