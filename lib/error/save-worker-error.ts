import { CodedError, type CodedErrorOptions } from './coded-error.js';

/** What can go wrong with the thread that saves in the background. */
export const saveWorkerFaults = ['NOT_STARTED', 'CRASHED', 'EXITED', 'SILENT', 'PROTOCOL', 'FAILED'] as const;

export type SaveWorkerFault = (typeof saveWorkerFaults)[number];

/**
 * What a background save fails with when it is its thread that failed, and not the storage: it could not be started,
 * threw outside of a save, ended without an answer, made no progress for too long, said what nobody understands, or
 * threw something in a save that is no error of this library. What was saved before is unharmed.
 */
export class SaveWorkerError extends CodedError {
  readonly code: `SAVE_WORKER_${SaveWorkerFault}`;

  /** @param fault the kind, which also ends the `code` */
  constructor(
    readonly fault: SaveWorkerFault,
    message: string,
    options?: CodedErrorOptions,
  ) {
    super(message, options);
    this.code = `SAVE_WORKER_${fault}`;
  }
}
