/** Whether the full matrix is asked for: `npm run test:soak`. */
export const isSoak = process.env['TIDEMARK_SOAK'] === '1';

/** How often something is tried: a few times in every test run, many times in a soak. */
export function times(quick: number, soak: number): number {
  return isSoak ? soak : quick;
}

/** Prints what was counted; the runner shows it. */
export function counted(what: string, counts: Readonly<Record<string, number | string>>): void {
  const text = Object.entries(counts).map(([name, count]) => `${count} ${name}`);
  // On a line of its own: the suite has begun one already.
  console.log(`\ncounted: ${what}: ${text.join(', ')}`);
}

/** Random instants that a failing run can repeat: set TIDEMARK_SEED to the seed that it printed. */
export const seed = Number(process.env['TIDEMARK_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
