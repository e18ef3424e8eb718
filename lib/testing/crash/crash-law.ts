import { checkFunction } from '../../error/check-function.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import type { FileSystem } from '../../store/file-system.js';
import { type CrashStatesOptions, crashStates } from './crash-states.js';
import { type MemoryFileSystem, memoryFileSystem } from './memory-file-system.js';
import { imageKey } from './memory-image.js';

export interface CrashLawOptions<N> extends CrashStatesOptions {
  /** What is tried: acts on the file system and notes what it has reached. */
  readonly scenario: (fs: FileSystem, note: (note: N) => void) => void;
  /**
   * Looks at a disk after a crash, and may go on from there.
   *
   * @param notes what the program had noted before the crash
   * @throws if something is there that must not be, or the other way round
   */
  readonly check: (fs: MemoryFileSystem, notes: readonly N[]) => void;
  /** Breaks the file system on purpose, to see whether the law notices. */
  readonly sabotage?: ((fs: FileSystem) => FileSystem) | undefined;
}

const OPTIONS: OptionNames<CrashLawOptions<never>> = {
  model: true,
  maxStates: true,
  scenario: true,
  check: true,
  sabotage: true,
};

export interface CrashReport {
  /** Moments at which the machine may crash: before and after each operation. */
  readonly points: number;
  /** What it may leave, over all points. */
  readonly states: number;
  /** Those that differ in what a program sees, or in what it was told before. */
  readonly distinctStates: number;
  /** What was wrong, with the crash point; at most 20. */
  readonly violations: readonly string[];
}

const MAX_VIOLATIONS = 20;

/**
 * Runs a scenario, lets the machine crash at every moment of it, and checks everything that the crash may leave.
 *
 * @returns the counts and what was wrong; the caller asserts that nothing was
 */
export function crashLaw<N>(options: CrashLawOptions<N>): CrashReport {
  checkOptions('crashLaw(options)', options, OPTIONS);
  checkFunction('crashLaw(scenario)', options.scenario);
  checkFunction('crashLaw(check)', options.check);
  const { scenario, check, sabotage, model, maxStates } = options;
  const recorded = memoryFileSystem();
  const violations: string[] = [];
  try {
    scenario(sabotage?.(recorded) ?? recorded, recorded.note);
  } catch (error) {
    violations.push(`the scenario itself fails: ${messageOf(error)}`);
  }
  const report = checkCrashes(recorded, check, { model, maxStates });
  return { ...report, violations: [...violations, ...report.violations].slice(0, MAX_VIOLATIONS) };
}

/** Lets the machine crash at every moment of what was recorded, and checks everything that the crash may leave. */
export function checkCrashes<N>(
  recorded: MemoryFileSystem,
  check: CrashLawOptions<N>['check'],
  options: CrashStatesOptions,
): CrashReport {
  const violations: string[] = [];
  const seen = new Set<string>();
  const notes: N[] = [];
  let states = 0;
  let base = recorded.base;
  let settled = 0;
  for (let point = 0; point <= recorded.log.length; point++) {
    const last = recorded.log[point - 1];
    if (last?.type === 'note') notes.push(last.note as N);
    const images = [...crashStates(base, recorded.log.slice(settled, point), options)];
    // With one thing only that can be left, all is durable: the rest of the log starts from there.
    if (images.length === 1) [base = base, settled] = [images[0], point];
    states += images.length;
    for (const image of images) {
      const key = `${notes.length} ${imageKey(image)}`;
      if (seen.has(key)) continue;
      seen.add(key);
      try {
        check(memoryFileSystem(image), notes);
      } catch (error) {
        const after = last === undefined ? 'at the start' : `after operation ${point} (${describe(last)})`;
        if (violations.length < MAX_VIOLATIONS) violations.push(`crash ${after}: ${messageOf(error)}`);
      }
    }
  }
  return { points: recorded.log.length + 1, states, distinctStates: seen.size, violations };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describe({ type, ...rest }: { readonly type: string }): string {
  const fields = Object.entries(rest).map(([name, value]) =>
    value instanceof Uint8Array ? `${value.length} bytes` : `${name} ${JSON.stringify(value)}`,
  );
  return [type, ...fields].join(', ');
}
