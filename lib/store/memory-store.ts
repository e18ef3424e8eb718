import { defer, map, type Observable, of, type SchedulerLike, timer } from 'rxjs';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { CheckpointExistsError } from '../error/checkpoint-exists-error.js';
import { CheckpointNotFoundError } from '../error/checkpoint-not-found-error.js';
import { StoreInUseError } from '../error/store-in-use-error.js';
import { checkRange } from './check-range.js';
import { checkPrefix, checkSuffix, prefixesOf, suffixesOf } from './checkpoint-name.js';
import type { CheckpointStore, StoredBytes, StoredFile } from './checkpoint-store.js';
import { quarantineEnding } from './quarantine-ending.js';

/** One call of a store, as a script of failures sees it. */
export interface StoreCall {
  readonly operation: Exclude<keyof CheckpointStore, 'location'>;
  /** Which call of that operation it is, counted from 1. */
  readonly nth: number;
  /** The prefix, of those operations that have one. */
  readonly prefix: string | undefined;
}

export interface MemoryStoreOptions {
  /** Default `memory`. */
  readonly location?: string | undefined;
  /**
   * How long a call takes; default 0: it acts at once, in `subscribe`. With a latency, a call reads its arguments when
   * it is subscribed to and takes effect at the end; unsubscribing before that leaves nothing.
   */
  readonly latencyMs?: number | ((call: StoreCall) => number) | undefined;
  /** Whose time the latency is; default RxJS's `asyncScheduler`. A `TestScheduler` makes it frames. */
  readonly scheduler?: SchedulerLike | undefined;
  /** Gives the error with which a call fails instead of taking effect; default: none fails. */
  readonly failure?: ((call: StoreCall) => unknown) | undefined;
}

const OPTIONS: OptionNames<MemoryStoreOptions> = { location: true, latencyMs: true, scheduler: true, failure: true };

/**
 * Keeps checkpoints in memory, for browsers and for tests. What is durable in it lasts as long as it does.
 *
 * @example
 * const store = memoryStore({ latencyMs: 3, scheduler: testScheduler, failure: ({ operation, nth }) =>
 *   operation === 'write' && nth === 2 ? new Error('disk full') : undefined });
 */
export function memoryStore(options: MemoryStoreOptions = {}): CheckpointStore {
  checkOptions('memoryStore(options)', options, OPTIONS);
  const { location = 'memory', latencyMs = 0, scheduler, failure } = options;
  const files = new Map<string, Uint8Array>();
  const counts = new Map<string, number>();
  let state: Uint8Array | undefined;
  let isHeld = false;

  const act = <P, T>(
    operation: StoreCall['operation'],
    prefix: string | undefined,
    prepare: () => P,
    effect: (prepared: P) => T,
  ): Observable<T> =>
    defer(() => {
      const nth = (counts.get(operation) ?? 0) + 1;
      counts.set(operation, nth);
      const call = { operation, nth, prefix };
      const prepared = prepare();
      const finish = (): T => {
        const error = failure?.(call);
        if (error !== undefined) throw error;
        return effect(prepared);
      };
      const wait = typeof latencyMs === 'function' ? latencyMs(call) : latencyMs;
      return wait > 0 ? timer(wait, scheduler).pipe(map(finish)) : of(undefined).pipe(map(finish));
    });
  const nothing = (): undefined => undefined;

  return {
    location,

    lock: () =>
      act('lock', undefined, nothing, () => {
        if (isHeld) throw new StoreInUseError(location, undefined);
        isHeld = true;
        let isOurs = true;
        const release = (): void => {
          if (isOurs) isHeld = false;
          isOurs = false;
        };
        return { swept: [], takenOverFrom: undefined, release };
      }),

    write(prefix, parts) {
      checkPrefix('write', prefix);
      return act(
        'write',
        prefix,
        () => copy(parts),
        (written) => {
          const marker = [...written.keys()].at(-1);
          if (marker === undefined) throw new RangeError('write(files): expected at least one file, received none');
          if (files.has(prefix + marker)) throw new CheckpointExistsError(prefix, location);
          let bytes = 0;
          for (const [suffix, content] of written) {
            files.set(prefix + suffix, content);
            bytes += content.length;
          }
          return bytes;
        },
      );
    },

    list: (markers) => act('list', undefined, nothing, () => prefixesOf(files.keys(), markers)),

    open(prefix) {
      checkPrefix('open', prefix);
      return act('open', prefix, nothing, () => {
        const suffixes = suffixesOf(files.keys(), prefix);
        if (suffixes.length === 0) throw new CheckpointNotFoundError(prefix, location);
        const opened = suffixes.map((suffix) => {
          const bytes = files.get(prefix + suffix) ?? new Uint8Array();
          return [suffix, storedBytes(prefix + suffix, bytes)] as const;
        });
        return { prefix, files: new Map(opened), close() {} };
      });
    },

    remove(prefixes) {
      for (const prefix of prefixes) checkPrefix('remove', prefix);
      return act('remove', undefined, nothing, () => {
        for (const prefix of prefixes) {
          for (const suffix of suffixesOf(files.keys(), prefix)) files.delete(prefix + suffix);
        }
      });
    },

    readState: () => act('readState', undefined, nothing, () => state?.slice()),

    writeState: (bytes) =>
      act(
        'writeState',
        undefined,
        () => bytes.slice(),
        (copied) => {
          state = copied;
        },
      ),

    quarantine(prefix) {
      checkPrefix('quarantine', prefix);
      return act('quarantine', prefix, nothing, () => {
        const suffixes = suffixesOf(files.keys(), prefix);
        if (suffixes.length === 0) throw new CheckpointNotFoundError(prefix, location);
        const ending = quarantineEnding(files, prefix, suffixes);
        for (const suffix of suffixes) {
          files.set(prefix + suffix + ending, files.get(prefix + suffix) ?? new Uint8Array());
          files.delete(prefix + suffix);
        }
      });
    },
  };
}

function copy(parts: Iterable<StoredFile>): ReadonlyMap<string, Uint8Array> {
  const written = new Map<string, Uint8Array>();
  for (const { suffix, chunks } of parts) {
    checkSuffix(suffix);
    if (written.has(suffix)) {
      throw new RangeError(`write(files): expected each suffix once, received ${suffix} twice`);
    }
    written.set(suffix, joined(chunks));
  }
  return written;
}

function joined(chunks: Iterable<Uint8Array>): Uint8Array {
  const copies: Uint8Array[] = [];
  let length = 0;
  for (const chunk of chunks) {
    copies.push(chunk.slice());
    length += chunk.length;
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const part of copies) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

function storedBytes(name: string, bytes: Uint8Array): StoredBytes {
  return {
    name,
    sizeBytes: bytes.length,
    read(offset, length) {
      checkRange(offset, length, bytes.length);
      return bytes.subarray(offset, offset + length);
    },
  };
}
