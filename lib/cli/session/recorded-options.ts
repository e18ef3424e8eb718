import type { MergedOptions } from './run-options.js';

/** Options that mean something here, if the session has them and they are what they seem. */
export function wellKnownOptions({ steps, seed }: { readonly steps?: unknown; readonly seed?: unknown }): {
  readonly totalSteps: number | undefined;
  readonly seed: string | number | undefined;
} {
  return {
    totalSteps: typeof steps === 'number' && Number.isSafeInteger(steps) && steps >= 0 ? steps : undefined,
    seed: typeof seed === 'number' || typeof seed === 'string' ? seed : undefined,
  };
}

/** Options as the record of a run takes them. */
export function plainConfig({ explained }: MergedOptions): Readonly<Record<string, string | number | boolean>> {
  return Object.fromEntries(
    explained.map(({ name, value }) => [
      name,
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? value
        : JSON.stringify(value),
    ]),
  );
}
