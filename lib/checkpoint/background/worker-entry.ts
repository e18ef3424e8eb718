// The thread that saves: it opens the store's folder for itself and does what it is asked, one request after another. The
// thread that started it holds the lock of the store.

import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import type { Observable } from 'rxjs';
import { AbortedError } from '../../error/aborted-error.js';
import type { CheckpointStore, StoredFile } from '../../store/checkpoint-store.js';
import { fileStore } from '../../store/file-store.js';
import type { StateSnapshot } from '../../tensor/state-snapshot.js';
import { type LocalWriter, storeWriter } from '../store-writer.js';
import { writtenShare } from '../write-progress.js';
import { tensorsOf } from './pooled-snapshot.js';
import { sendError } from './sent-error.js';
import type { SnapshotPlan } from './snapshot-plan.js';
import { threadFormat } from './thread-format.js';
import {
  ABORT_ALL,
  PROTOCOL_VERSION,
  WORDS,
  type WorkerAnswer,
  type WorkerMessage,
  type WorkerStart,
} from './worker-protocol.js';

/** Behind training, which shares its cores: `setpriority(2)` of Linux acts on one thread. */
const NICE = 10;
/** How often, at most, the progress of a write is told. */
const TOLD_PARTS = 10;
const PAGE_WORDS = 4096 / Int32Array.BYTES_PER_ELEMENT;

/** The memory of a snapshot, and what lies where. */
interface Slot {
  readonly plan: SnapshotPlan;
  readonly bytes: Uint8Array;
}

class Worker {
  readonly #words: Int32Array;
  readonly #writer: LocalWriter;
  readonly #slots = new Map<number, Slot>();
  readonly #post: (answer: WorkerAnswer) => void;
  #current = 0;
  /** Of the write that goes on. */
  #sizeBytes = 0;
  #writtenBytes = 0;
  #toldParts = 0;

  /** @param post sends an answer at once, while the thread works on */
  constructor(
    { folder, format, refuseNonFinite, verifyWrites, words }: WorkerStart,
    post: (answer: WorkerAnswer) => void,
  ) {
    this.#words = new Int32Array(words);
    this.#post = post;
    const store = this.#watched(fileStore(folder, { isFolderRequired: true }));
    this.#writer = storeWriter(store, threadFormat(format), { refuseNonFinite, verifyWrites });
  }

  answer(message: WorkerMessage): WorkerAnswer | undefined {
    const { version, id } = message;
    this.#current = id;
    try {
      if (version !== PROTOCOL_VERSION)
        throw new Error(`version ${version} of the protocol, expected ${PROTOCOL_VERSION}`);
      this.#checkAbort();
      const value = this.#act(message);
      return message.type === 'slot' ? undefined : { version: PROTOCOL_VERSION, id, type: 'done', value };
    } catch (error) {
      return { version: PROTOCOL_VERSION, id, type: 'failed', error: sendError(error) };
    } finally {
      if (message.type !== 'slot') {
        Atomics.sub(this.#words, WORDS.pending, 1);
        Atomics.notify(this.#words, WORDS.pending);
      }
    }
  }

  #act(message: WorkerMessage): number | undefined {
    switch (message.type) {
      case 'slot': {
        const { slot, memory, tensors, sizeBytes, isFresh } = message;
        this.#slots.set(slot, { plan: { tensors, sizeBytes }, bytes: new Uint8Array(memory) });
        if (isFresh) touch(memory);
        return undefined;
      }
      case 'write': {
        const slot = this.#slots.get(message.slot);
        if (slot === undefined) throw new Error(`slot ${message.slot} is not known`);
        const { prefix, record, stateJson, strings } = message;
        const snapshot: StateSnapshot = {
          globalStep: record.globalStep,
          tensors: tensorsOf(slot, strings),
          json: JSON.parse(stateJson),
        };
        this.#sizeBytes = slot.plan.sizeBytes;
        this.#writtenBytes = this.#toldParts = 0;
        return answerOf(this.#writer.write(prefix, snapshot, record));
      }
      case 'writeState':
        return void answerOf(this.#writer.writeState(message.bytes));
      case 'remove':
        return void answerOf(this.#writer.remove(message.prefixes, message.markers));
      default:
        throw new Error(`request of the type ${(message satisfies never as { type: unknown }).type}`);
    }
  }

  /** The same store, which shows its progress and lets go of a write in the middle when it is told to. */
  #watched(store: CheckpointStore): CheckpointStore {
    return { ...store, write: (prefix, files) => store.write(prefix, this.#watchFiles(files)) };
  }

  *#watchFiles(files: Iterable<StoredFile>): Generator<StoredFile> {
    for (const { suffix, chunks } of files) {
      yield { suffix, chunks: this.#watchChunks(chunks) };
      this.#checkAbort();
    }
  }

  *#watchChunks(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
    for (const chunk of chunks) {
      this.#checkAbort();
      yield chunk;
      this.#wrote(chunk.length);
    }
  }

  /** Tells how far a write is: lastly when its tensors are all written, and what is left is to sync them and commit. */
  #wrote(bytes: number): void {
    this.#writtenBytes += bytes;
    const writtenBytes = this.#writtenBytes;
    const parts = Math.floor(TOLD_PARTS * writtenShare(writtenBytes, this.#sizeBytes));
    if (parts === this.#toldParts) return;
    this.#toldParts = parts;
    this.#post({ version: PROTOCOL_VERSION, id: this.#current, type: 'progress', writtenBytes });
  }

  #checkAbort(): void {
    Atomics.add(this.#words, WORDS.progress, 1);
    const given = Atomics.load(this.#words, WORDS.abort);
    if (given === ABORT_ALL || (given !== 0 && given === this.#current))
      throw new AbortedError('the save was given up');
  }
}

/** What a store of the local file system answers, which it does within `subscribe`. */
function answerOf<T>(answer: Observable<T>): T {
  let value: { readonly of: T } | undefined;
  let failure: { readonly of: unknown } | undefined;
  answer.subscribe({
    next: (of) => {
      value = { of };
    },
    error: (of: unknown) => {
      failure = { of };
    },
  });
  if (failure !== undefined) throw failure.of;
  if (value === undefined) throw new Error('the store did not answer at once');
  return value.of;
}

/** Adds nothing to one word of each page: safe beside a copy into the same memory. */
function touch(memory: ArrayBufferLike): void {
  const words = new Int32Array(memory, 0, Math.floor(memory.byteLength / Int32Array.BYTES_PER_ELEMENT));
  for (let word = 0; word < words.length; word += PAGE_WORDS) Atomics.add(words, word, 0);
}

function start(): void {
  const port = parentPort;
  if (port === null) throw new Error('worker-entry: expected to be started as a worker thread');
  const data: WorkerStart = workerData;
  if (data?.version !== PROTOCOL_VERSION) {
    throw new Error(`version ${data?.version} of the protocol, expected ${PROTOCOL_VERSION}`);
  }
  if (process.platform === 'linux') {
    try {
      setPriority(0, NICE);
    } catch {
      // Only a courtesy to the thread that trains.
    }
  }
  const worker = new Worker(data, (answer) => port.postMessage(answer));
  port.on('message', (message: WorkerMessage) => {
    const answer = worker.answer(message);
    if (answer !== undefined) port.postMessage(answer);
  });
  port.postMessage({ version: PROTOCOL_VERSION, id: 0, type: 'ready' } satisfies WorkerAnswer);
}

start();
