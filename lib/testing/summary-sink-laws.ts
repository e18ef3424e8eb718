import { VirtualTimeScheduler } from 'rxjs';
import { checkFunction } from '../error/check-function.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { scalarValue } from '../format/event/value/scalar-value.js';
import { textValue } from '../format/event/value/text-value.js';
import type { LogMethod } from '../log/logger.js';
import type { OpenSummarySink, SummaryBatch, SummaryFault, SummaryRun, SummarySink } from '../summary/summary-sink.js';
import { LawViolationError } from './law-violation-error.js';

export interface SummarySinkLawsOptions {
  /** The caller's test function, of whatever test runner. */
  readonly test: (name: string, body: () => void) => void;
  /** A new sink for each law, in an empty place. */
  readonly factory: () => SummarySinkUnderTest;
}

const OPTIONS: OptionNames<SummarySinkLawsOptions> = { test: true, factory: true };

export interface SummarySinkUnderTest {
  readonly sink: SummarySink;
  /**
   * The scalars that can be read where the sink writes to, by a reader that drops what lies behind a step from which a
   * run went on; left out for places that cannot be read.
   */
  readonly read?: (() => ReadonlyMap<string, readonly (readonly [globalStep: number, value: number])[]>) | undefined;
  /** Makes the place fail from now on, and work again; left out where it cannot. */
  readonly setFailing?: ((isFailing: boolean) => void) | undefined;
  /** Called after the law. */
  dispose?(): void;
}

const MANY = 1000;

/**
 * What every sink of summaries does, wherever it writes to. Each law is a synchronous test of its own. Names no test
 * framework.
 */
export function summarySinkLaws(options: SummarySinkLawsOptions): void {
  checkOptions('summarySinkLaws(options)', options, OPTIONS);
  checkFunction('summarySinkLaws(test)', options.test);
  checkFunction('summarySinkLaws(factory)', options.factory);
  const { test, factory } = options;
  const law = (name: string, body: (under: SummarySinkUnderTest, run: TestRun) => void): void =>
    test(`law: ${name}`, () => {
      const under = factory();
      try {
        body(under, testRun());
      } finally {
        under.dispose?.();
      }
    });

  law('writes what it is given, in order', ({ sink, read }, run) => {
    const open = sink.open(run);
    open.start(0, 1);
    for (let step = 1; step <= MANY; step++) open.write(step, batch({ loss: step / 2, other: -step }));
    open.write(MANY + 1, { scalars: new Map(), values: [scalarValue('loss', 0.25), textValue('note', 'Grüße')] });
    open.flush();
    open.close();
    demandScalars(read, 'loss', [...range(1, MANY).map((step) => [step, step / 2] as const), [MANY + 1, 0.25]]);
    demandScalars(
      read,
      'other',
      range(1, MANY).map((step) => [step, -step]),
    );
    demandQuiet(open, run);
  });

  law('takes numbers that are not finite, tags of any text, and nothing', ({ sink }, run) => {
    const open = sink.open(run);
    open.start(0, 1);
    open.write(1, batch({ a: Number.NaN, b: Number.POSITIVE_INFINITY, 'a "b",\n\u{1F600}': 1, __proto__x: 2 }));
    open.write(2, batch({}));
    open.graph(Uint8Array.of());
    open.close();
    demandQuiet(open, run);
  });

  law('leaves no timer behind, and takes nothing after its close', ({ sink, read }, run) => {
    const open = sink.open(run);
    open.start(0, 1);
    open.write(1, batch({ loss: 1 }));
    open.close();
    open.close();
    open.write(2, batch({ loss: 2 }));
    open.flush();
    demand(run.scheduler.actions.length === 0, () => 'a timer goes on after the close');
    demandScalars(read, 'loss', [[1, 1]]);
  });

  law('drops what lies behind the step from which a run goes on', ({ sink, read }) => {
    for (const [from, to] of [
      [0, 6],
      [3, 8],
    ] as const) {
      const open = sink.open(testRun());
      open.start(from, 1);
      for (let step = from + 1; step <= to; step++) open.write(step, batch({ loss: step * 10 + from }));
      open.close();
    }
    const kept = range(1, 3).map((step) => [step, step * 10] as const);
    demandScalars(read, 'loss', [...kept, ...range(4, 8).map((step) => [step, step * 10 + 3] as const)]);
  });

  law('does so at a recovery, too', ({ sink, read }, run) => {
    const open = sink.open(run);
    open.start(0, 1);
    for (let step = 1; step <= 6; step++) open.write(step, batch({ loss: step }));
    open.start(2, 2);
    for (let step = 3; step <= 4; step++) open.write(step, batch({ loss: -step }));
    open.close();
    demandScalars(read, 'loss', [
      [1, 1],
      [2, 2],
      [3, -3],
      [4, -4],
    ]);
  });

  law('is shared by the hooks of a run, and stays open until the last closes it', ({ sink, read }, run) => {
    const [one, two] = [sink.open(run), sink.open({ ...run })];
    one.start(0, 1);
    two.start(0, 1);
    one.write(1, batch({ one: 1 }));
    one.close();
    one.close();
    two.write(2, batch({ two: 2 }));
    two.close();
    demandScalars(read, 'one', [[1, 1]]);
    demandScalars(read, 'two', [[2, 2]]);
  });

  law('refuses a second run until the first has closed it', ({ sink, read }, run) => {
    const open = sink.open(run);
    open.start(0, 1);
    const code = codeOf(() => sink.open(testRun()));
    demand(code === 'STORE_IN_USE', () => `a second run was met with ${code}`);
    open.write(1, batch({ loss: 1 }));
    open.close();
    const next = sink.open(testRun());
    next.start(1, 1);
    next.write(2, batch({ loss: 2 }));
    next.close();
    demandScalars(read, 'loss', [
      [1, 1],
      [2, 2],
    ]);
  });

  law('never fails its caller when its place fails: one warning, one fault, a count', ({ sink, setFailing }, run) => {
    if (setFailing === undefined) return;
    const open = sink.open(run);
    open.start(0, 1);
    setFailing(true);
    for (let step = 1; step <= MANY; step++) {
      open.write(step, batch({ loss: step }));
      open.flush();
    }
    demand(run.faults.length === 1, () => `${run.faults.length} faults were told`);
    demand(run.faults[0]?.error !== undefined, () => 'the fault has no error');
    demand(run.warnings.length === 1, () => `${run.warnings.length} warnings were logged: ${run.warnings.join('; ')}`);
    open.close();
    demand(run.scheduler.actions.length === 0, () => 'a timer goes on after the close');
    demand(open.droppedValues >= 1, () => 'what was not written is not counted');
    demand(run.faults.at(-1)?.droppedValues === open.droppedValues, () => 'the close does not tell the count');
  });
}

interface TestRun extends SummaryRun {
  readonly scheduler: VirtualTimeScheduler;
  readonly faults: SummaryFault[];
  readonly warnings: string[];
}

function testRun(): TestRun {
  const faults: SummaryFault[] = [];
  const warnings: string[] = [];
  const ignore: LogMethod = () => {};
  const warn = (first: object | string, second?: string): void => {
    warnings.push(second ?? String(first));
  };
  return {
    identity: {},
    logger: { debug: ignore, info: ignore, warn, error: warn },
    scheduler: new VirtualTimeScheduler(),
    onFault: (fault) => faults.push(fault),
    faults,
    warnings,
  };
}

function batch(scalars: Readonly<Record<string, number>>): SummaryBatch {
  return { scalars: new Map(Object.entries(scalars)), values: [] };
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, i) => from + i);
}

function codeOf(act: () => unknown): unknown {
  try {
    act();
    return 'no error';
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

function demandScalars(
  read: SummarySinkUnderTest['read'],
  tag: string,
  expected: readonly (readonly [number, number])[],
): void {
  if (read === undefined) return;
  const points = read().get(tag) ?? [];
  const isSame =
    points.length === expected.length &&
    points.every(([step, value], i) => expected[i]?.[0] === step && expected[i][1] === value);
  demand(isSame, () => `under "${tag}" there is ${show(points)} instead of ${show(expected)}`);
}

function demandQuiet(open: OpenSummarySink, { faults, warnings }: TestRun): void {
  demand(open.droppedValues === 0, () => `${open.droppedValues} values were dropped`);
  demand(faults.length === 0 && warnings.length === 0, () => `it complained: ${warnings.join('; ')}`);
}

function show(points: readonly (readonly [number, number])[]): string {
  const first = points.slice(0, 6).map(([step, value]) => `${step}: ${value}`);
  return `${points.length} points {${first.join(', ')}${points.length > first.length ? ', …' : ''}}`;
}

function demand(isKept: boolean, fault: () => string): void {
  if (!isKept) throw new LawViolationError(fault());
}
