import type { ObservableInput } from 'rxjs';

/** Samples where the program spends its time. */
export interface CpuProfiler {
  /** Begins to sample. */
  start(): void;
  /** Ends it, and gives the profile as V8 writes it to `.cpuprofile` files: JSON with `nodes`, `samples`, `timeDeltas`. */
  stop(): ObservableInput<string>;
}
