import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { random } from '../session/random.js';
import { compareRuns } from './resume/compare-runs.js';
import { type EndedRun, startRun } from './resume/start-run.js';
import type { ResumeReport } from './resume-law.js';

const KILLS = 5;
/** How often a kill may come too late, for the run was over, before the law gives up. */
const MISSES = 20;
const LIMIT_SECONDS = 120;

export interface ResumeLawByKillOptions {
  /**
   * The URL of a module that exports `makeRun(store)`, as {@link resumeLaw} takes it, and perhaps a `view`:
   * `import.meta.resolve('./my-run.js')`.
   */
  readonly module: string | URL;
  /** The global step at which the runs are over. */
  readonly steps: number;
  /** After which steps a process is killed; default: at random instants. */
  readonly at?: readonly number[] | undefined;
  /** How many processes are killed at random instants, unless `at` is given. @default 5 */
  readonly kills?: number | undefined;
  /** How often one and the same run is killed before it may go on to its end. @default 1 */
  readonly killsPerRun?: number | undefined;
  /** What decides the instants. @default 0 */
  readonly seed?: number | undefined;
  /** How long one process may take. @default 120 */
  readonly limitSeconds?: number | undefined;
  /** Options of Node for the processes. @default those of this process */
  readonly execArgv?: readonly string[] | undefined;
}

const OPTIONS: OptionNames<ResumeLawByKillOptions> = {
  module: true,
  steps: true,
  at: true,
  kills: true,
  killsPerRun: true,
  seed: true,
  limitSeconds: true,
  execArgv: true,
};

/**
 * The law of resuming with real processes: one takes the run straight to the end; others are killed in the middle with
 * SIGKILL, which nothing can catch, and yet others go on in the folders that they left behind. Every tensor byte, every
 * output, every event of a hook and every firing of a trigger is the same as in the straight run: in the run that was
 * killed, too, up to where it came.
 *
 * What {@link resumeLaw} cannot see it does: what only a new process forgets (a variable of a module, the seed of a
 * library), and a save that was cut in the middle. It takes longer: each process loads the module anew.
 *
 * @returns what was killed after which step, and from which step it went on; rejects with a RunNotRepeatableError that
 *   names the first difference, or an Error with the last words of a process that failed
 * @throws RangeError, TypeError for wrong options
 *
 * @example
 * await resumeLawByKill({ module: import.meta.resolve('./my-run.js'), steps: 60, kills: 10 });
 *
 * @see docs/guide/prove-that-your-run-resumes.md
 */
export async function resumeLawByKill(options: ResumeLawByKillOptions): Promise<ResumeReport> {
  checkOptions('resumeLawByKill(options)', options, OPTIONS);
  const { steps, at, kills = KILLS, killsPerRun = 1, seed = 0, limitSeconds = LIMIT_SECONDS, execArgv } = options;
  const module = String(options.module);
  if (!URL.canParse(module)) {
    throw new TypeError(
      `resumeLawByKill(module): expected a URL, such as import.meta.resolve(path), received ${describeReceived(module)}`,
    );
  }
  for (const [name, value] of Object.entries({ steps, kills, killsPerRun })) {
    if (!(Number.isSafeInteger(value) && value >= 1)) {
      throw new RangeError(
        `resumeLawByKill(${name}): expected a whole number from 1, received ${describeReceived(value)}`,
      );
    }
  }
  for (const step of at ?? []) {
    if (!(Number.isSafeInteger(step) && step >= 1 && step <= steps)) {
      throw new RangeError(
        `resumeLawByKill(at): expected whole numbers from 1 to ${steps}, received ${describeReceived(step)}`,
      );
    }
  }

  const folders = new Folders();
  const start = (folder: string, kill: Kill = {}): Promise<EndedRun> =>
    startRun({ order: { module, folder, steps, killAt: kill.at }, killAfterMs: kill.afterMs, limitSeconds, execArgv });
  try {
    const straight = await start(folders.next());
    const plan = at === undefined ? randomKills(kills, seed, straight.milliseconds) : killsAt(at);
    const cuts: { cut: number; resumedFrom: number }[] = [];
    while (plan.left > 0) {
      const folder = folders.next();
      // Kills of this run from which nothing has gone on yet.
      let open: number[] = [];
      let run: EndedRun;
      let killed = 0;
      do {
        const kill = killed < killsPerRun && plan.left > 0 ? plan.next() : undefined;
        run = await start(folder, kill);
        if (kill !== undefined) plan.done(run.isKilled);
        if (run.startedAt !== undefined || !run.isKilled) {
          const resumedFrom = compareRuns(open.at(-1) ?? 0, run, straight, !run.isKilled);
          for (const cut of open) cuts.push({ cut, resumedFrom });
          open = [];
        }
        if (run.isKilled) open.push(Math.max(run.startedAt ?? 0, ...run.steps.keys()));
        killed++;
      } while (run.isKilled);
    }
    return { cuts };
  } finally {
    folders.dispose();
  }
}

interface Kill {
  /** The step after which the process kills itself. */
  readonly at?: number;
  /** The time from the beginning of its run after which it is killed. */
  readonly afterMs?: number;
}

/** When the next process is killed. */
interface KillPlan {
  readonly left: number;
  next(): Kill;
  /** Told whether the kill came in time. */
  done(isKilled: boolean): void;
}

function killsAt(steps: readonly number[]): KillPlan {
  const rest = [...steps];
  return {
    get left() {
      return rest.length;
    },
    next: () => ({ at: rest[0] as number }),
    done: () => void rest.shift(),
  };
}

/** A kill that comes when the run is over does not count. */
function randomKills(kills: number, seed: number, runMs: number): KillPlan {
  const instants = random(seed, 'kills');
  let misses = 0;
  let left = kills;
  return {
    get left() {
      return left;
    },
    next: () => ({ afterMs: runMs * instants.uniform() }),
    done(isKilled) {
      if (isKilled) left--;
      else if (++misses > MISSES + kills) {
        throw new Error(`resumeLawByKill(steps): the run is over before it can be killed; take more steps`);
      }
    },
  };
}

/** An empty folder for each run, gone in the end. */
class Folders {
  readonly #root = mkdtempSync(join(tmpdir(), 'tidemark-law-'));
  #count = 0;

  next(): string {
    return join(this.#root, String(++this.#count));
  }

  dispose(): void {
    rmSync(this.#root, { recursive: true, force: true });
  }
}
