// What the session's thread and its save worker say to each other. Every message carries the version of this protocol and
// the number of the request that it belongs to; what does not is refused, for a worker file of another version of this
// library may lie where this one is expected.
//
//     session   slot -> write -> writeState -> remove -> …       one answer to each request but `slot`, in order
//     worker    ready, then for each request progress*, and done | failed
//
// Beside the messages there are words of shared memory, for what must not wait for a message to be read.

import type { NewRecord } from '../store-writer.js';
import type { SnapshotStrings } from './pooled-snapshot.js';
import type { PlannedTensor } from './snapshot-plan.js';

export const PROTOCOL_VERSION = 1;

/** The words of shared memory, as indices. */
export const WORDS = {
  /** The request that is to be given up; 0 for none, ABORT_ALL for all. */
  abort: 0,
  /** Grows as long as the worker makes progress. */
  progress: 1,
  /** How many requests are not yet done. */
  pending: 2,
} as const;
export const WORDS_BYTES = 16;
export const ABORT_ALL = -1;

/** What a worker is started with. */
export interface WorkerStart {
  readonly version: number;
  readonly folder: string;
  readonly format: string;
  readonly refuseNonFinite: boolean;
  readonly verifyWrites: boolean;
  readonly words: SharedArrayBuffer;
}

export type WorkerRequest =
  | {
      readonly type: 'slot';
      readonly slot: number;
      readonly memory: ArrayBufferLike;
      readonly tensors: readonly PlannedTensor[];
      readonly sizeBytes: number;
      /** Whether its pages are to be touched, so that the first copy into it is as fast as the others. */
      readonly isFresh: boolean;
    }
  | {
      readonly type: 'write';
      readonly slot: number;
      readonly prefix: string;
      readonly stateJson: string;
      readonly strings: SnapshotStrings;
      readonly record: NewRecord;
    }
  | { readonly type: 'writeState'; readonly bytes: Uint8Array }
  | { readonly type: 'remove'; readonly prefixes: readonly string[]; readonly markers: readonly string[] };

export type WorkerMessage = WorkerRequest & { readonly version: number; readonly id: number };

export type WorkerAnswer = { readonly version: number; readonly id: number } & (
  | { readonly type: 'ready' }
  | { readonly type: 'progress'; readonly writtenBytes: number }
  | { readonly type: 'done'; readonly value: number | undefined }
  | { readonly type: 'failed'; readonly error: SentError }
);

/** An error on its way between threads, which would arrive without its class. */
export interface SentError {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  readonly hint: string | undefined;
  /** Its own enumerable fields, as far as they are plain. */
  readonly fields: Readonly<Record<string, string | number | undefined>>;
}

/** What is wrong with an answer of a worker; `undefined` if it is one. */
export function faultOfAnswer(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return `a message that is a ${typeof value}`;
  const { version, id, type } = value as Partial<WorkerAnswer>;
  if (version !== PROTOCOL_VERSION) return `version ${String(version)} of the protocol, expected ${PROTOCOL_VERSION}`;
  if (!Number.isSafeInteger(id)) return `a message without the number of its request`;
  if (type !== 'ready' && type !== 'progress' && type !== 'done' && type !== 'failed')
    return `an answer of the type ${String(type)}`;
  if (type === 'progress' && !Number.isSafeInteger((value as { writtenBytes?: unknown }).writtenBytes)) {
    return 'progress without a number of bytes';
  }
  if (type === 'failed' && typeof (value as { error?: { message?: unknown } }).error?.message !== 'string') {
    return 'a failure without an error';
  }
  return undefined;
}
