// What the server says to the page. Names out of files are values here, never keys.

import type { HookTime } from '../data/hook-times.js';
import type { ShownCheckpoint } from '../data/run-data.js';
import type { SaveInFlight } from '../data/save-in-flight.js';
import type { SampledSeries } from '../data/scalar-series.js';

export interface RunsAnswer {
  readonly total: number;
  readonly offset: number;
  readonly runs: readonly RunListing[];
}

export interface RunListing {
  readonly id: string;
  readonly name: string;
  /** `unknown` for a folder without a record. */
  readonly state: string;
  readonly step: number | undefined;
  readonly totalSteps: number | undefined;
  readonly metrics: readonly (readonly [string, number])[];
  readonly checkpoint: string | undefined;
  readonly reason: string | undefined;
  readonly startedAt: string | undefined;
  readonly changedAt: number;
  readonly config: readonly (readonly [string, string | number | boolean])[];
}

export interface RunDetails extends RunListing {
  readonly record:
    | {
        readonly command: string;
        readonly versions: readonly (readonly [string, string])[];
        readonly seed: string | number | undefined;
        readonly retention: string | undefined;
        readonly holding: { readonly hook: string; readonly ms: number } | undefined;
        readonly processes: readonly { readonly pid: number; readonly host: string; readonly startedAt: string }[];
      }
    | undefined;
  readonly tags: {
    readonly scalars: readonly string[];
    readonly histograms: readonly string[];
    readonly images: readonly string[];
    readonly texts: readonly string[];
  };
  readonly checkpoints: readonly ShownCheckpoint[];
  readonly hooks: readonly HookTime[];
  readonly saveInFlight: SaveInFlight | undefined;
  readonly durationMs: number;
  readonly faults: readonly string[];
  /** Whether the run's files were read to their end. */
  readonly isComplete: boolean;
}

export interface ScalarsAnswer {
  readonly tag: string;
  readonly series: readonly (SampledSeries & { readonly run: string })[];
  readonly isComplete: boolean;
}
