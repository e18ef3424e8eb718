import { type SchedulerAction, type SchedulerLike, Subscription } from 'rxjs';

/**
 * The session's own scheduler: work without a delay runs in the next macrotask, so that timers, signals and sockets get
 * their turn (RxJS's `asapScheduler` is a microtask and lets nothing else in), and its clock never jumps (RxJS's
 * schedulers read the wall clock). In Node the macrotask is `setImmediate`, in browsers a message to oneself, which is
 * not slowed down as nested timers are.
 */
export const macrotaskScheduler: SchedulerLike = {
  now: () => performance.now(),
  schedule<T>(work: (this: SchedulerAction<T>, state?: T) => void, delay = 0, state?: T): Subscription {
    const action = new MacrotaskAction(work);
    action.schedule(state, delay);
    return action;
  },
};

class MacrotaskAction<T> extends Subscription {
  #cancel: (() => void) | undefined;

  constructor(readonly work: (this: SchedulerAction<T>, state?: T) => void) {
    super(() => this.#cancel?.());
  }

  schedule(state?: T, delay = 0): Subscription {
    if (this.closed) return this;
    this.#cancel?.();
    const run = (): void => {
      this.#cancel = undefined;
      this.work.call(this, state);
    };
    this.#cancel = delay > 0 ? afterDelay(run, delay) : soon(run);
    return this;
  }
}

// Only what is used of these globals: Node has the first two, browsers the third.
const environment = globalThis as unknown as {
  setImmediate?: (run: () => void) => unknown;
  clearImmediate?: (handle: unknown) => void;
  MessageChannel: new () => {
    readonly port1: { onmessage: (() => void) | null; close(): void };
    readonly port2: { postMessage(message: unknown): void };
  };
};

function soon(run: () => void): () => void {
  const { setImmediate, clearImmediate } = environment;
  if (setImmediate !== undefined && clearImmediate !== undefined) {
    const handle = setImmediate(run);
    return () => clearImmediate(handle);
  }
  const channel = new environment.MessageChannel();
  let isCancelled = false;
  channel.port1.onmessage = () => {
    channel.port1.close();
    if (!isCancelled) run();
  };
  channel.port2.postMessage(undefined);
  return () => {
    isCancelled = true;
  };
}

function afterDelay(run: () => void, delay: number): () => void {
  const handle = setTimeout(run, delay);
  return () => clearTimeout(handle);
}
