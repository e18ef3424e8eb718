/** Something that is measured: takes its steps and returns the nanoseconds for each. */
export type Contestant = () => number | Promise<number>;

/** What many rounds of one contestant came to, in the unit that it returned. */
export interface Measured {
  readonly median: number;
  /** The quarter that was quicker ends here, the quarter that was slower begins at `high`. */
  readonly low: number;
  readonly high: number;
}

/** What a benchmark has to say. */
export interface BenchmarkReport {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes: readonly string[];
}

/**
 * Runs all contestants in turn, round after round, so that what else goes on in the machine hits all alike. The first
 * rounds are for the engine to get warm and are not counted.
 */
export async function interleaved<Name extends string>(
  contestants: Readonly<Record<Name, Contestant>>,
  { rounds = 9, warmUpRounds = 2 } = {},
): Promise<Record<Name, Measured>> {
  const names = Object.keys(contestants) as Name[];
  const samples = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const name of names) {
      const sample = await contestants[name]();
      // What a contestant left to the event loop, such as files to be closed, is no affair of the next one.
      await new Promise((resolve) => setImmediate(resolve));
      if (round >= 0) samples.get(name)?.push(sample);
    }
  }
  return Object.fromEntries([...samples].map(([name, values]) => [name, measuredOf(values)])) as Record<Name, Measured>;
}

export function measuredOf(values: readonly number[]): Measured {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (part: number): number => sorted[Math.round((sorted.length - 1) * part)] as number;
  return { median: at(0.5), low: at(0.25), high: at(0.75) };
}

/** `52.1 (50.3–55.0)` */
export function spread({ median, low, high }: Measured, digits = 1): string {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`;
}

/** `0.62 ×` */
export function ratio(ours: Measured, theirs: Measured): string {
  return `${(ours.median / theirs.median).toFixed(2)} ×`;
}

/** The nanoseconds that each of `count` steps took in `work`. */
export function nanosecondsEach(count: number, work: () => void): number {
  const started = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - started) / count;
}
