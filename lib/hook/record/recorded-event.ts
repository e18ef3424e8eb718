// The event log of a run, `run.events.ndjson`: one object of compact JSON a line, in the order in which things became
// known. A process that goes on with the run begins a file of its own, `run.events.2.ndjson` and so on, so that a line
// which a crash cut in two is never written on to.
//
//     {"v":1,"kind":"begin","t":0,"run":"calm-otter","at":"2026-11-20T12:00:00.000Z"}
//     {"kind":"sessionCreated","t":2.1,"step":0,"attempt":1}
//     {"kind":"steps","t":104.6,"since":3.0,"from":0,"to":128,"count":128,"metrics":{"loss":0.31}}
//     {"kind":"hold","t":104.7,"ms":41.2,"hook":"checkpointSaver","event":"step","step":128}
//
// `t` is in milliseconds since `begin` of the same file, on the session's clock, which never jumps. Numbers that JSON
// does not know are the texts "NaN", "Infinity" and "-Infinity".

import type { RecordedError } from '../../error/recorded-run-error.js';

export type { RecordedError };

/** Something that happened in a run, as it stands in the run's event log. */
export type RecordedEvent =
  | RecordedBegin
  | RecordedSession
  | RecordedSteps
  | RecordedHold
  | RecordedStall
  | RecordedFiring
  | RecordedSave
  | RecordedHookCosts
  | RecordedHookEvent
  | RecordedEnd;

interface Recorded {
  /** Milliseconds since the process began its part of the run. */
  readonly t: number;
}

/** The first line of each file. */
export interface RecordedBegin extends Recorded {
  readonly kind: 'begin';
  readonly run: string;
  /** The wall clock, ISO 8601. */
  readonly at: string;
}

/** The session was created; with an `attempt` above 1 it is a recovery. */
export interface RecordedSession extends Recorded {
  readonly kind: 'sessionCreated';
  readonly step: number;
  readonly attempt: number;
  /** The checkpoint that it was restored from. */
  readonly restored?: string | undefined;
  /** What it recovered from. */
  readonly error?: RecordedError | undefined;
}

/** A stretch of steps between which nothing else was recorded; `t` is when the last one finished. */
export interface RecordedSteps extends Recorded {
  readonly kind: 'steps';
  /** When the stretch began: the end of the step before it, or of what held the loop then. */
  readonly since: number;
  /** The global steps before the first and after the last step. */
  readonly from: number;
  readonly to: number;
  /** How many times the user's step was called. */
  readonly count: number;
  /** The numbers that the last step returned. */
  readonly metrics?: ReadonlyMap<string, number> | undefined;
  /** Holds too short to have lines of their own: how many, and their milliseconds together. */
  readonly holds?: { readonly count: number; readonly ms: number } | undefined;
  /** Events of hooks, and firings, that came too fast to have lines of their own. */
  readonly omitted?: number | undefined;
}

/** Work that the loop waited for, from `t` on. */
export interface RecordedHold extends Recorded {
  readonly kind: 'hold';
  readonly ms: number;
  readonly hook: string;
  readonly event: string;
  readonly step: number;
}

/** A time without a finished step, far longer than steps took before, that no hold explains; it began at `t`. */
export interface RecordedStall extends Recorded {
  readonly kind: 'stall';
  readonly ms: number;
  readonly step: number;
}

/** What hooks cost the loop since the last such line, by a sample of the steps. */
export interface RecordedHookCosts extends Recorded {
  readonly kind: 'hookCosts';
  /** How many steps were taken. */
  readonly steps: number;
  /** In how many of them the time was taken, at least one. */
  readonly sampled: number;
  /** For how long each hook acted in those, in milliseconds; what it made the loop wait for is a hold. */
  readonly hookMs: ReadonlyMap<string, number>;
}

/** A trigger that the recorder was given fired. */
export interface RecordedFiring extends Recorded {
  readonly kind: 'firing';
  readonly trigger: string;
  readonly step: number;
}

/** A phase of a save. */
export type RecordedSave = Recorded & { readonly step: number } & (
    | { readonly kind: 'beforeSave'; readonly cause: string }
    | { readonly kind: 'snapshotTaken'; readonly sizeBytes: number; readonly stallMs: number }
    | { readonly kind: 'saveProgress'; readonly writtenBytes: number; readonly sizeBytes: number; readonly ms: number }
    | { readonly kind: 'afterSave'; readonly prefix: string; readonly sizeBytes: number; readonly ms: number }
    | { readonly kind: 'saveFailed'; readonly error: RecordedError }
    | { readonly kind: 'saveSkipped'; readonly reason: string }
    | { readonly kind: 'checkpointDeleted'; readonly prefix: string; readonly checkpointStep: number }
  );

/** What another hook added to the stream. */
export interface RecordedHookEvent extends Recorded {
  readonly kind: 'hookEvent';
  readonly type: string;
  readonly step: number;
  /** Its numbers and short texts. */
  readonly data?: ReadonlyMap<string, number | string> | undefined;
}

/** How this process's part of the run ended. A file without such a line belongs to a process that lives, or died. */
export type RecordedEnd = Recorded & { readonly step: number } & (
    | { readonly kind: 'end'; readonly cause: string; readonly reason?: string | undefined }
    | { readonly kind: 'finished' }
    | { readonly kind: 'cancelled' }
    | { readonly kind: 'failed'; readonly error: RecordedError }
  );
