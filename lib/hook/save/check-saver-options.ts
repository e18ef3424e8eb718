import type { CheckpointListener } from '../../checkpoint/checkpoint-listener.js';
import { describeReceived } from '../../error/describe-received.js';

/**
 * Checks what all savers are given.
 *
 * @throws TypeError naming `fn` for what is no saver, trigger or listener
 */
export function checkSaverOptions(
  fn: string,
  { saver, trigger, listeners }: { saver: unknown; trigger: unknown; listeners: unknown },
): void {
  const { open, list } = (saver ?? {}) as { open?: unknown; list?: unknown };
  // A store can be opened, too.
  if (typeof open !== 'function' || typeof list === 'function') {
    const received = typeof list === 'function' ? 'a store' : describeReceived(saver);
    throw new TypeError(`${fn}(saver): expected a saver, e.g. storeSaver(store), received ${received}`);
  }
  if (typeof trigger !== 'function') {
    throw new TypeError(
      `${fn}(trigger): expected a trigger, e.g. everySteps(100), received ${describeReceived(trigger)}`,
    );
  }
  if (!Array.isArray(listeners)) {
    throw new TypeError(`${fn}(listeners): expected a list, received ${describeReceived(listeners)}`);
  }
  for (const [index, listener] of listeners.entries()) checkListener(fn, listener, index);
}

function checkListener(fn: string, listener: CheckpointListener | null | undefined, index: number): void {
  const isListener =
    typeof listener === 'object' &&
    listener !== null &&
    [listener.next, listener.error, listener.complete, listener.subscribe].some((part) => typeof part === 'function');
  if (!isListener) {
    throw new TypeError(
      `${fn}(listeners): expected listener ${index} to be an observer or checkpointListener({ … }), ` +
        `received ${describeReceived(listener)}`,
    );
  }
}
