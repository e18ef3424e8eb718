/** What happened in a run and when, ready to be drawn at any zoom: plain data, fit for JSON. */
export interface Timeline {
  /** ISO 8601; time 0. */
  readonly startedAt: string;
  /** When the last thing happened that is known, in milliseconds since the start. */
  readonly durationMs: number;
  /** Stretches of steps, in order, as columns of one table. */
  readonly blocks: TimelineBlocks;
  /** All but steps, in order of their beginning. */
  readonly items: readonly TimelineItem[];
}

/** Of each stretch: when it began and ended, the global steps before and after it, and how many steps were taken. */
export interface TimelineBlocks {
  readonly since: readonly number[];
  readonly until: readonly number[];
  readonly from: readonly number[];
  readonly to: readonly number[];
  readonly count: readonly number[];
}

/** The lanes besides `steps`, from top to bottom. */
export const TIMELINE_LANES = ['saves', 'holds', 'stalls', 'events', 'recoveries', 'errors', 'processes'] as const;

export type TimelineLane = (typeof TIMELINE_LANES)[number];

/** One thing in a lane: a mark, or a span of time. */
export interface TimelineItem {
  readonly lane: TimelineLane;
  /** What it is, e.g. `saved`, `failed`, `hold`. */
  readonly kind: string;
  /** Milliseconds since the start of the run; equal for a mark. */
  readonly since: number;
  readonly until: number;
  readonly step: number;
  /** A few words. */
  readonly label: string;
  /**
   * The moments inside it as marbles: `b` before the save, `s` snapshot taken, `w` written in
   * the background, `a` after, `x` failed, `k` skipped.
   */
  readonly phases?: readonly TimelinePhase[] | undefined;
}

export interface TimelinePhase {
  readonly letter: string;
  readonly at: number;
}
