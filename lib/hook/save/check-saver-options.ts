import type { CheckpointListener } from '../../checkpoint/checkpoint-listener.js';

/**
 * Checks what all savers are given.
 *
 * @throws TypeError naming `fn` for what is no saver, trigger or listener
 */
export function checkSaverOptions(
  fn: string,
  { saver, trigger, listeners }: { saver: unknown; trigger: unknown; listeners: readonly CheckpointListener[] },
): void {
  if (typeof (saver as { open?: unknown } | undefined)?.open !== 'function') {
    throw new TypeError(`${fn}(saver): expected a saver, e.g. storeSaver(store)`);
  }
  if (typeof trigger !== 'function') {
    throw new TypeError(`${fn}(trigger): expected a trigger, e.g. everySteps(100), received ${typeof trigger}`);
  }
  for (const [index, listener] of listeners.entries()) checkListener(fn, listener, index);
}

function checkListener(fn: string, listener: CheckpointListener, index: number): void {
  const isListener =
    typeof listener === 'object' &&
    listener !== null &&
    [listener.next, listener.error, listener.complete, listener.subscribe].some((part) => typeof part === 'function');
  if (!isListener) {
    throw new TypeError(
      `${fn}(listeners): expected listener ${index} to be an observer or checkpointListener({ … }), ` +
        `received ${listener === null ? 'null' : typeof listener}`,
    );
  }
}
