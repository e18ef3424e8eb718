import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { TruncatedDataError } from '../../error/truncated-data-error.js';
import type { ByteSource } from '../../format/byte-source.js';
import { decodeEvent } from '../../format/event/decode-event.js';
import { readRecords } from '../../format/tfrecord.js';
import { readFully } from '../../store/file/read-fully.js';
import { errnoOf, type FileSystem } from '../../store/file-system.js';
import type { TailedEvent } from './tailed-event.js';

/** The first record of an event file holds the time of its making, so these bytes tell files apart. */
const HEAD_BYTES = 64;

/** Follows one event file: how far it was read, and whether it is still the same file. */
export class FileTail {
  readonly #fs: FileSystem;
  readonly #path: string;
  readonly #name: string;
  #identity: string | undefined;
  #head = new Uint8Array(0);
  #size = 0;
  #offset = 0;
  /** Nothing can be found behind here until it is another file. */
  #isStuck = false;
  /** What was said of the file last, so that it is said once. */
  #reason: string | undefined;

  constructor(fs: FileSystem, path: string, name: string) {
    this.#fs = fs;
    this.#path = path;
    this.#name = name;
  }

  /** Whether anything was told of the file. */
  get wasRead(): boolean {
    return this.#offset > 0 || this.#isStuck;
  }

  /** What has come since the last time. Who stops in the middle is told the rest the next time. */
  *read(): Generator<TailedEvent, void, undefined> {
    let file: number | undefined;
    try {
      const identity = this.#fs.identityOf(this.#path);
      file = this.#fs.openRead(this.#path);
      const sizeBytes = this.#fs.sizeOf(file);
      if (sizeBytes === undefined) {
        yield* this.#stuck(0, 'is no regular file', undefined);
        return;
      }
      if (!this.#isSame(file, identity, sizeBytes)) {
        const { wasRead } = this;
        this.#begin(file, identity, sizeBytes);
        if (wasRead) yield { type: 'reset', file: this.#name };
      }
      this.#size = sizeBytes;
      if (!this.#isStuck) yield* this.#readFrom(file, sizeBytes);
    } catch (error) {
      // It became shorter or vanished while it was read: the next time tells.
      if (error instanceof TruncatedDataError || errnoOf(error) === 'ENOENT') return;
      if (error instanceof CorruptDataError) yield* this.#stuck(this.#offset, error.fault, error);
      else yield* this.#say(this.#offset, reasonOf(error), error);
    } finally {
      if (file !== undefined) this.#fs.close(file);
    }
  }

  *#readFrom(file: number, sizeBytes: number): Generator<TailedEvent, void, undefined> {
    const name = this.#name;
    const read = (offset: number, length: number): Uint8Array => readFully(this.#fs, file, name, offset, length);
    const source: ByteSource = { name, sizeBytes, read };
    for (const { offset, end, data } of readRecords(source, { fromOffset: this.#offset, tail: 'await' })) {
      // Before it is told, so that whoever stops here does not hear it again.
      this.#offset = end;
      let told: TailedEvent;
      try {
        told = { type: 'event', file: name, offset, event: decodeEvent(data, `${name}, byte ${offset}`) };
      } catch (error) {
        told = { type: 'fault', file: name, offset, reason: reasonOf(error), error };
      }
      yield told;
    }
  }

  #isSame(file: number, identity: string | undefined, sizeBytes: number): boolean {
    if (this.#identity !== identity || sizeBytes < this.#size) return false;
    const head = this.#readHead(file, sizeBytes);
    if (!this.#head.every((byte, at) => byte === head[at])) return false;
    this.#head = head;
    return true;
  }

  #begin(file: number, identity: string | undefined, sizeBytes: number): void {
    this.#identity = identity;
    this.#head = this.#readHead(file, sizeBytes);
    this.#offset = 0;
    this.#isStuck = false;
    this.#reason = undefined;
  }

  #readHead(file: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(readFully(this.#fs, file, this.#name, 0, Math.min(HEAD_BYTES, sizeBytes)));
  }

  *#stuck(offset: number, reason: string, error: unknown): Generator<TailedEvent, void, undefined> {
    this.#isStuck = true;
    yield* this.#say(offset, reason, error);
  }

  *#say(offset: number, reason: string, error: unknown): Generator<TailedEvent, void, undefined> {
    if (reason === this.#reason) return;
    this.#reason = reason;
    yield { type: 'fault', file: this.#name, offset, reason, error };
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof CorruptDataError) return error.fault;
  return error instanceof Error ? error.message : String(error);
}
