import type { Observable } from 'rxjs';
import type { StateSnapshot } from '../../tensor/state-snapshot.js';
import type { Checkpoint } from '../checkpoint.js';
import type { OpenSaver } from '../saver.js';
import type { WriteProgress } from '../write-progress.js';

/**
 * A saver for one run that copies a state at once and writes the copy while the run trains on. What it writes with, a
 * thread or anything else, is its own affair; when to save, and what to do when it fails, is that of its user.
 */
export interface BackgroundWriter extends Omit<OpenSaver, 'save'> {
  /**
   * Makes memory for states like this one ready beside the loop, so that the first copy holds it no longer than the
   * others do. Reads no elements.
   */
  prepare(snapshot: StateSnapshot): void;

  /**
   * Copies the state; when it emits, the loop may go on. The memory of a copy that was released is used again.
   *
   * REQUIRES: at most one other copy is held that was not released.
   */
  take(snapshot: StateSnapshot, metrics: ReadonlyMap<string, number>): Observable<TakenSnapshot>;
}

/** A copy of a state in memory. */
export interface TakenSnapshot {
  readonly globalStep: number;
  readonly sizeBytes: number;
  /**
   * Writes a checkpoint; emits how far it is, and lastly the checkpoint when it is durable. May be tried again after a
   * failure, but never twice at once. Unsubscribing gives the checkpoint up: it appears whole or not at all.
   */
  write(): Observable<WriteProgress | Checkpoint>;
  /** Gives the memory back, as soon as nothing reads it any more; the copy is of no use afterwards. */
  release(): void;
}
