import { defer, Observable, of, type Subscriber } from 'rxjs';
import { describeThrown } from '../../error/describe-thrown.js';
import { SaveWorkerError, type SaveWorkerFault } from '../../error/save-worker-error.js';
import type { WriteProgress } from '../write-progress.js';
import { receiveError } from './sent-error.js';
import type { StartWorker, WorkerThread } from './start-worker.js';
import {
  ABORT_ALL,
  faultOfAnswer,
  PROTOCOL_VERSION,
  WORDS,
  WORDS_BYTES,
  type WorkerAnswer,
  type WorkerMessage,
  type WorkerRequest,
  type WorkerStart,
} from './worker-protocol.js';

const RESTARTS = 3;
const LOOKS_PER_DEADLINE = 8;
/** How long a cancelled write may take to be undone before its thread is ended in the middle of it. */
const CANCEL_LIMIT_MS = 10_000;

export interface SaveWorkerOptions {
  readonly start: StartWorker;
  /** What the worker is told at its start, besides what it shares with this thread. */
  readonly settings: Omit<WorkerStart, 'version' | 'words'>;
  /** For how long a worker may make no progress with a request, or with its start, before it is given up. */
  readonly silenceLimitSeconds: number;
}

/** What a worker says of a request. */
type WorkerReport = WriteProgress | number | undefined;

interface Pending {
  readonly subscriber: Subscriber<WorkerReport>;
  readonly onSettled: () => void;
}

/** One thread, from its start to its end. */
interface Life {
  readonly thread: WorkerThread;
  readonly words: Int32Array;
  readonly pending: Map<number, Pending>;
  /** Who waits for it to be ready; `undefined` once it is. */
  starting: Subscriber<{ readonly isNew: boolean }> | undefined;
  /** Why it is over, once it is. */
  end: SaveWorkerError | undefined;
}

/**
 * The save worker as this thread sees it. Whatever becomes of the thread (it throws, ends, runs out of memory, says
 * nothing), each request gets an answer, if only an error; the next request starts another thread, at most three times.
 */
export class SaveWorker {
  readonly #options: SaveWorkerOptions;
  #life: Life | undefined;
  #starts = 0;
  #lastId = 0;
  #watch: ReturnType<typeof setInterval> | undefined;
  #isStopped = false;

  constructor(options: SaveWorkerOptions) {
    this.#options = options;
  }

  /** Emits when the thread is ready; `isNew` if it is another one than before, which knows of nothing yet. */
  start(): Observable<{ readonly isNew: boolean }> {
    return defer(() => {
      if (this.#life !== undefined && this.#life.end === undefined) return of({ isNew: false });
      if (this.#isStopped) throw new SaveWorkerError('EXITED', 'the save worker was stopped');
      if (this.#starts > RESTARTS) {
        throw new SaveWorkerError(
          'NOT_STARTED',
          `the save worker failed ${this.#starts} times and is not started again`,
          {
            cause: this.#life?.end,
          },
        );
      }
      return this.#begin();
    });
  }

  /** Tells the thread something that it does not answer. REQUIRES: it is ready. */
  tell(request: WorkerRequest & { readonly type: 'slot' }): void {
    this.#life?.thread.postMessage({ ...request, version: PROTOCOL_VERSION, id: 0 } satisfies WorkerMessage);
  }

  /**
   * Asks the thread for something; emits how far it is, then its answer. Unsubscribing gives the request up. REQUIRES: it is ready.
   *
   * @param onSettled is told when the thread does not act on the request any more, however it ended
   */
  request(request: WorkerRequest, onSettled: () => void = () => {}): Observable<WorkerReport> {
    return new Observable((subscriber) => {
      const life = this.#life;
      if (life === undefined || life.end !== undefined) {
        onSettled();
        throw life?.end ?? new SaveWorkerError('EXITED', 'the save worker was stopped');
      }
      const id = ++this.#lastId;
      // Counted first, for the thread may be done with it before this one goes on.
      Atomics.add(life.words, WORDS.pending, 1);
      try {
        life.thread.postMessage({ ...request, version: PROTOCOL_VERSION, id } satisfies WorkerMessage);
      } catch (error) {
        Atomics.sub(life.words, WORDS.pending, 1);
        onSettled();
        throw error;
      }
      life.pending.set(id, { subscriber, onSettled });
      // Only a thread with something to do keeps the process alive.
      life.thread.ref();
      this.#watchOver(life);
      return () => {
        if (life.pending.has(id)) Atomics.store(life.words, WORDS.abort, id);
      };
    });
  }

  /**
   * Gives up what goes on and ends the thread. It waits, without letting anything else happen, until a write in flight
   * is undone, so that afterwards nobody writes to the store.
   */
  stop(): void {
    this.#isStopped = true;
    const life = this.#life;
    if (life === undefined || life.end !== undefined) return;
    if (life.pending.size > 0) {
      Atomics.store(life.words, WORDS.abort, ABORT_ALL);
      const deadline = performance.now() + CANCEL_LIMIT_MS;
      for (let left = CANCEL_LIMIT_MS; left > 0; left = deadline - performance.now()) {
        const pending = Atomics.load(life.words, WORDS.pending);
        if (pending <= 0) break;
        Atomics.wait(life.words, WORDS.pending, pending, left);
      }
    }
    this.#cancel(life, 'the save worker was stopped');
  }

  #begin(): Observable<{ readonly isNew: boolean }> {
    return new Observable((subscriber) => {
      this.#starts++;
      const shared = new SharedArrayBuffer(WORDS_BYTES);
      const start: WorkerStart = { ...this.#options.settings, version: PROTOCOL_VERSION, words: shared };
      const life: Life = {
        thread: this.#options.start(start),
        words: new Int32Array(shared),
        pending: new Map(),
        starting: subscriber,
        end: undefined,
      };
      this.#life = life;
      this.#listen(life);
      this.#watchOver(life);
      return () => {
        if (life.starting !== undefined) this.#cancel(life, 'the save worker was stopped while it started');
      };
    });
  }

  #listen(life: Life): void {
    const { thread } = life;
    let thrown: unknown;
    thread.on('message', (message: unknown) => {
      const fault = faultOfAnswer(message);
      if (fault === undefined) this.#hear(life, message as WorkerAnswer);
      else this.#end(life, 'PROTOCOL', `the save worker sent ${fault}`);
    });
    thread.on('messageerror', (error) =>
      this.#end(life, 'PROTOCOL', 'the save worker sent what cannot be read', error),
    );
    thread.on('error', (error) => {
      thrown = error;
      this.#end(life, 'CRASHED', `the save worker crashed: ${describeThrown(error)}`, error);
    });
    thread.on('exit', (code) => {
      this.#end(life, 'EXITED', `the save worker ended with code ${code}, without an answer`, thrown);
      // Only now is it certain that nothing is read or written any more.
      for (const { onSettled } of life.pending.values()) onSettled();
      life.pending.clear();
    });
  }

  #hear(life: Life, answer: WorkerAnswer): void {
    if (answer.type === 'ready') {
      const { starting } = life;
      if (life.end !== undefined) {
        void life.thread.terminate();
        return;
      }
      life.starting = undefined;
      life.thread.unref();
      this.#unwatch(life);
      starting?.next({ isNew: true });
      starting?.complete();
      return;
    }
    const pending = life.pending.get(answer.id);
    // An answer that comes after the thread was given up.
    if (pending === undefined || life.end !== undefined) return;
    if (answer.type === 'progress') {
      pending.subscriber.next({ writtenBytes: answer.writtenBytes });
      return;
    }
    life.pending.delete(answer.id);
    if (life.pending.size === 0) {
      life.thread.unref();
      this.#unwatch(life);
    }
    pending.onSettled();
    if (answer.type === 'failed') {
      pending.subscriber.error(receiveError(answer.error));
    } else {
      pending.subscriber.next(answer.value);
      pending.subscriber.complete();
    }
  }

  /** Ends a thread that nobody wants any more, and that may be in good health. */
  #cancel(life: Life, message: string): void {
    const isStarting = life.starting !== undefined;
    this.#declareOver(life, 'EXITED', message);
    if (!isStarting) {
      void life.thread.terminate();
      return;
    }
    // Node never closes the file of a thread that is terminated while it reads it, so the thread comes up first.
    const limit = setTimeout(() => void life.thread.terminate(), CANCEL_LIMIT_MS);
    limit.unref();
    life.thread.on('exit', () => clearTimeout(limit));
  }

  /** Ends a thread that is of no use any more; all who wait for it are told. */
  #end(life: Life, fault: SaveWorkerFault, message: string, cause?: unknown): void {
    if (life.end !== undefined) return;
    this.#declareOver(life, fault, message, cause);
    void life.thread.terminate();
  }

  #declareOver(life: Life, fault: SaveWorkerFault, message: string, cause?: unknown): void {
    if (life.end !== undefined) return;
    const { starting } = life;
    life.end =
      starting === undefined
        ? new SaveWorkerError(fault, message, { cause })
        : new SaveWorkerError('NOT_STARTED', `the save worker could not start: ${message}`, { cause });
    life.starting = undefined;
    this.#unwatch(life);
    life.thread.unref();
    starting?.error(life.end);
    for (const { subscriber } of life.pending.values()) subscriber.error(life.end);
  }

  /** Ends a thread that is silent for too long, with a look every now and then while something is asked of it. */
  #watchOver(life: Life): void {
    if (this.#watch !== undefined) return;
    const { silenceLimitSeconds } = this.#options;
    let progress = Atomics.load(life.words, WORDS.progress);
    let silentLooks = 0;
    const look = (): void => {
      const now = Atomics.load(life.words, WORDS.progress);
      silentLooks = now === progress ? silentLooks + 1 : 0;
      progress = now;
      if (silentLooks < LOOKS_PER_DEADLINE) return;
      this.#end(life, 'SILENT', `the save worker made no progress for ${silenceLimitSeconds} s`);
    };
    this.#watch = setInterval(look, (silenceLimitSeconds * 1000) / LOOKS_PER_DEADLINE);
  }

  #unwatch(life: Life): void {
    if (life !== this.#life) return;
    clearInterval(this.#watch);
    this.#watch = undefined;
  }
}
