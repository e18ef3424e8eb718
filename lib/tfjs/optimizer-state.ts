import type { Json } from '../tensor/json.js';

/** What a checkpoint says of an optimizer besides its tensors. */
export interface OptimizerState {
  /** The class, e.g. `Adam`. */
  readonly optimizer: string;
  readonly iterations: number;
  /** The names of the variables that were trained, in the optimizer's order. */
  readonly trained: readonly string[];
  /** The names of the variables that have slots, in the order of the optimizer's lists. */
  readonly slots: readonly string[];
  readonly hyperparameters: ReadonlyMap<string, number>;
  readonly flags: ReadonlyMap<string, boolean>;
}

/** Reads an optimizer's JSON out of a checkpoint; a sentence says what is wrong with it. */
export function decodeOptimizerState(json: Json | undefined): OptimizerState | string {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return 'the checkpoint has no optimizer state';
  const { optimizer, iterations, trained, slots, hyperparameters, flags } = Object.fromEntries(Object.entries(json));
  if (typeof optimizer !== 'string') return 'optimizer is not a name in the checkpoint';
  if (typeof iterations !== 'number' || !Number.isSafeInteger(iterations) || iterations < 0) {
    return 'iterations is no whole number in the checkpoint';
  }
  if (!isNames(trained) || !isNames(slots)) return 'the lists of variables are broken in the checkpoint';
  const numbers = entriesOf(hyperparameters, isFiniteNumber);
  const booleans = entriesOf(flags, isBoolean);
  if (numbers === undefined || booleans === undefined) return 'hyperparameters are broken in the checkpoint';
  return { optimizer, iterations, trained, slots, hyperparameters: numbers, flags: booleans };
}

function entriesOf<T extends Json>(
  json: Json | undefined,
  isValue: (value: Json) => value is T,
): ReadonlyMap<string, T> | undefined {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined;
  const entries = new Map<string, T>();
  for (const [name, value] of Object.entries(json)) {
    if (!isValue(value)) return undefined;
    entries.set(name, value);
  }
  return entries;
}

function isNames(json: Json | undefined): json is readonly string[] {
  return (
    Array.isArray(json) && json.every((name) => typeof name === 'string') && new Set<Json>(json).size === json.length
  );
}

function isFiniteNumber(value: Json): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isBoolean(value: Json): value is boolean {
  return typeof value === 'boolean';
}
