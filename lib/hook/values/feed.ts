import { checkFunction } from '../../error/check-function.js';
import type { BeforeStepEvent } from '../../session/event.js';
import { type Hook, hook } from '../hook.js';

/**
 * Feeds every step with what `feeds` returns for it; the step finds it in its context.
 *
 *     source    b-c-A-1-B-2-e-|
 *     feed(f)   b-c-A-1-B-2-e-|
 *                   |   '- context.feeds = f(B)
 *                   '----- context.feeds = f(A)
 *
 * A step that is taken again after a recovery is fed anew. Two hooks that feed one key fail the run with a
 * FeedConflictError.
 *
 * @param feeds returns values by key; called once before each step
 * @throws TypeError if `feeds` is no function
 * @example
 * feed(({ globalStep }) => ({ learningRate: 0.1 * 0.99 ** globalStep }))
 * @see TensorFlow, basic_session_run_hooks.py, FeedFnHook
 */
export function feed(feeds: (event: BeforeStepEvent) => Readonly<Record<string, unknown>>): Hook {
  checkFunction('feed(feeds)', feeds);
  return hook('feed', () => ({
    beforeStep(event) {
      const values: unknown = feeds(event);
      if (typeof values !== 'object' || values === null) {
        throw new TypeError(`feed(feeds): expected it to return values by key, received ${String(values)}`);
      }
      for (const [key, value] of Object.entries(values)) event.feed(key, value);
    },
  }));
}
