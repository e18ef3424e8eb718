import type { Observable } from 'rxjs';
import type { StateSnapshot } from '../tensor/state-snapshot.js';

/** Where a session takes its state from when it is created, and again at every recovery. */
export interface RestoreSource {
  /** The checkpoint to start from; `undefined` for a fresh start. Cold: every subscription looks anew. */
  load(): Observable<RestoredCheckpoint | undefined>;
}

/** A checkpoint that was read and verified. */
export interface RestoredCheckpoint {
  readonly from: RestoredFrom;
  readonly snapshot: StateSnapshot;
  /** Lets go of its files; the snapshot is not valid afterwards. */
  close?(): void;
}

/** Which checkpoint a state came from. */
export interface RestoredFrom {
  readonly prefix: string;
  /** The store's location; two stores may have checkpoints of the same name. */
  readonly location?: string | undefined;
  readonly globalStep: number;
  /** Newer checkpoints that were passed over, newest first, and why. */
  readonly skipped: readonly SkippedCheckpoint[];
}

export interface SkippedCheckpoint {
  readonly prefix: string;
  readonly error: unknown;
}
