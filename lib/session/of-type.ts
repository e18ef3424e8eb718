import { filter, type OperatorFunction } from 'rxjs';

/** The part of a union of events that has one of these types. */
export type EventOfType<E extends { readonly type: string }, T extends E['type']> = Extract<E, { readonly type: T }>;

/**
 * Lets only events of these types pass, and narrows the stream to them. A type that the stream does not have is a
 * compile error.
 *
 *     source              b-c-A-1-B-2-e|
 *     ofType('step')      ------1---2--|
 *
 * @throws TypeError if no type is given
 */
export function ofType<E extends { readonly type: string }, T extends E['type']>(
  ...types: readonly T[]
): OperatorFunction<E, NoInfer<EventOfType<E, T>>> {
  if (types.length === 0) throw new TypeError('ofType(types): expected at least one type, received none');
  const [only] = types;
  if (types.length === 1) return filter((event): event is EventOfType<E, T> => event.type === only);
  const wanted = new Set<string>(types);
  return filter((event): event is EventOfType<E, T> => wanted.has(event.type));
}
