const NO_SCALARS: ReadonlyMap<string, number> = new Map();

/** The numbers among what a step returned, by name: what can be drawn, compared and kept the best of. */
export function scalarsOf(outputs: unknown): ReadonlyMap<string, number> {
  if (typeof outputs !== 'object' || outputs === null) return NO_SCALARS;
  const scalars = new Map<string, number>();
  for (const [name, value] of Object.entries(outputs)) {
    if (typeof value === 'number') scalars.set(name, value);
  }
  return scalars;
}
