import { filter, map, type OperatorFunction, pipe } from 'rxjs';
import type { AnyEvent } from '../../lib/session/event.js';

const LIFECYCLE: Readonly<Record<string, string>> = { begin: 'b', sessionCreated: 'c', end: 'e' };

/**
 * Events as letters, so that marbles need no values: `b`, `c`, `e`, a step as the last digit of its global step, and
 * those that hooks add as `letters` says by their types. What has no letter is left out.
 */
export function told(letters: Readonly<Record<string, string>> = {}): OperatorFunction<AnyEvent, string> {
  return pipe(
    map((event: AnyEvent) => {
      if (event.type === 'step' && 'globalStep' in event) return `${event.globalStep % 10}`;
      return letters[event.type] ?? LIFECYCLE[event.type];
    }),
    filter((letter) => letter !== undefined),
  );
}
