import type { Checkpoint } from './checkpoint.js';

/** How far a save is that goes on. */
export interface WriteProgress {
  /** The bytes of all files that are written so far. */
  readonly writtenBytes: number;
}

/**
 * How far a save is, from 0 to 1: the files hold some bytes more than the state.
 *
 * @param sizeBytes of the state
 */
export function writtenShare(writtenBytes: number, sizeBytes: number): number {
  return writtenBytes >= sizeBytes ? 1 : writtenBytes / sizeBytes;
}

/** Whether a saver tells that it is done, or only how far it is. */
export function isSaved(report: WriteProgress | Checkpoint): report is Checkpoint {
  return !('writtenBytes' in report);
}
