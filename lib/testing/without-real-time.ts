import { checkFunction } from '../error/check-function.js';
import { LawViolationError } from './law-violation-error.js';

const REAL_TIME = [
  [globalThis, ['setTimeout', 'setInterval', 'setImmediate', 'requestAnimationFrame']],
  [Date, ['now']],
  [performance, ['now']],
] as const;

/**
 * Runs `body` while timers and clocks of the real world throw. For code in virtual time, which must not notice.
 *
 * @throws LawViolationError if `body` uses one and lets its error out
 */
export function withoutRealTime<T>(body: () => T): T {
  checkFunction('withoutRealTime(body)', body);
  const restore: (() => void)[] = [];
  for (const [owner, names] of REAL_TIME) {
    for (const name of names) if (name in owner) restore.push(forbid(owner, name));
  }
  try {
    return body();
  } finally {
    for (const undo of restore) undo();
  }
}

function forbid(owner: object, name: string): () => void {
  const original = Object.getOwnPropertyDescriptor(owner, name);
  Object.defineProperty(owner, name, {
    configurable: true,
    writable: true,
    value: () => {
      throw new LawViolationError(`${name}() was called, which is real time: use the scheduler`);
    },
  });
  return () => {
    if (original === undefined) Reflect.deleteProperty(owner, name);
    else Object.defineProperty(owner, name, original);
  };
}
