import { lastValueFrom, type Observable, Subject, takeUntil } from 'rxjs';
import { checkFunction } from '../error/check-function.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import type { AnyEvent } from '../session/event.js';
import type { CheckpointStore } from '../store/checkpoint-store.js';
import { memoryStore } from '../store/memory-store.js';
import { compareRuns } from './resume/compare-runs.js';
import { type EventView, RunRecord } from './resume/run-record.js';

/**
 * Makes one run that restores from `store` and saves into it: a session with `restore: latestFrom(store)` and a saver.
 * It makes everything anew, as a new process would.
 */
export type MakeRun = (store: CheckpointStore) => Observable<AnyEvent>;

export interface ResumeLawOptions {
  /** The global step at which the runs are over. */
  readonly steps: number;
  /** After which steps a run is cut: each one, or this many, evenly spread. @default 'every' */
  readonly cuts?: 'every' | number | undefined;
  /** Makes the empty store of each run and, with it, of the run that resumes it. @default memoryStore */
  readonly makeStore?: (() => CheckpointStore) | undefined;
  /**
   * What is to be the same of an event that a hook added; `undefined` for one that may differ, such as steps a second.
   *
   * @default the whole event; of a saver's events the firings of its trigger
   */
  readonly view?: EventView | undefined;
}

const OPTIONS: OptionNames<ResumeLawOptions> = { steps: true, cuts: true, makeStore: true, view: true };

export interface ResumeReport {
  /** For each cut, after which step it came and from which step the run was resumed. */
  readonly cuts: readonly { readonly cut: number; readonly resumedFrom: number }[];
}

/**
 * The law of resuming: run to the end, or run to `k`, die, and run on to the end, and every tensor byte, every output,
 * every event of a hook and every firing of a trigger after `k` is the same. It runs `makeRun` straight, then cuts a run
 * after every `k` without a word, as a crash would, and lets another one resume from what is in the store.
 *
 * @returns what was cut and resumed; rejects with a RunNotRepeatableError that names the first difference
 * @throws RangeError if `steps` or `cuts` is no whole number from 1
 *
 * @example
 * await resumeLaw((store) => trainingSession({ …, restore: latestFrom(store) }).pipe(
 *   checkpointSaver(storeSaver(store), { trigger: everySteps(5) }),
 * ), { steps: 60 });
 *
 * @see resumeLawByKill, which kills real processes
 * @see docs/guide/prove-that-your-run-resumes.md
 */
export async function resumeLaw(makeRun: MakeRun, options: ResumeLawOptions): Promise<ResumeReport> {
  checkFunction('resumeLaw(makeRun)', makeRun);
  checkOptions('resumeLaw(options)', options, OPTIONS);
  const { steps, cuts = 'every', makeStore = () => memoryStore(), view } = options;
  mustBeCount('steps', steps);
  if (cuts !== 'every') mustBeCount('cuts', cuts);

  const straight = await record(makeRun(makeStore()), steps, 'end', view);
  const reports: { cut: number; resumedFrom: number }[] = [];
  for (const cut of cutsOf(steps, cuts)) {
    const store = makeStore();
    await record(makeRun(store), cut, 'cut', view);
    const resumed = await record(makeRun(store), steps, 'end', view);
    reports.push({ cut, resumedFrom: compareRuns(cut, resumed, straight) });
  }
  return { cuts: reports };
}

function mustBeCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new RangeError(`resumeLaw(${name}): expected a whole number from 1, received ${describeReceived(value)}`);
}

function cutsOf(steps: number, cuts: 'every' | number): readonly number[] {
  const most = Math.max(1, steps - 1);
  const count = cuts === 'every' ? most : Math.min(cuts, most);
  return Array.from({ length: count }, (_, i) => Math.ceil(((i + 1) * most) / count));
}

/** Takes a run to a step, and ends it there in order or cuts it off. */
async function record(
  run: Observable<AnyEvent>,
  until: number,
  how: 'end' | 'cut',
  view: EventView | undefined,
): Promise<RunRecord> {
  const result = new RunRecord(view);
  const cut$ = new Subject<void>();
  const watched = result.hook((step) => {
    if (step.globalStep < until) return;
    if (how === 'end') step.requestStop('the resume law has seen enough');
    else cut$.next();
  });
  await lastValueFrom(run.pipe(watched, takeUntil(cut$)), { defaultValue: undefined });
  return result;
}
