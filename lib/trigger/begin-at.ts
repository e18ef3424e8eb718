import type { Trigger } from './trigger.js';

/** `trigger` as if it had just fired at this global step; itself, if it does not count from its firings. */
export function beginAt<O>(trigger: Trigger<O>, globalStep: number): Trigger<O> {
  return trigger.begunAt?.(globalStep) ?? trigger;
}
