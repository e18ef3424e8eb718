import { asyncScheduler, defer, from, map, type Observable, of, type SchedulerLike, timer } from 'rxjs';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import type { OpenSaver, Saver } from '../checkpoint/saver.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';

export interface FakeSaverOptions {
  /** How long a save takes, in milliseconds. @default 0: it is done at once */
  readonly latencyMs?: number | undefined;
  /** Whose time that is. @default RxJS's asyncScheduler, whose time is virtual inside `marbles` */
  readonly scheduler?: SchedulerLike | undefined;
  /** Gives the error with which the nth save (counted from 1) fails. @default none fails */
  readonly failure?: ((nth: number) => unknown) | undefined;
  /** Steps that are committed before the run begins. */
  readonly committed?: readonly number[] | undefined;
  /** How many checkpoints stay. @default all */
  readonly keep?: number | undefined;
}

const OPTIONS: OptionNames<FakeSaverOptions> = {
  latencyMs: true,
  scheduler: true,
  failure: true,
  committed: true,
  keep: true,
};

/** A saver that only remembers, under virtual time. */
export interface FakeSaver extends Saver {
  /** What was saved, in order, over all runs. */
  readonly saved: readonly StateSnapshot[];
  /** How often it was opened and closed. */
  readonly opened: number;
  readonly closed: number;
}

/** Makes a saver that remembers what it is given, takes a chosen time, and fails when told to. */
export function fakeSaver(options: FakeSaverOptions = {}): FakeSaver {
  checkOptions('fakeSaver(options)', options, OPTIONS);
  const {
    latencyMs = 0,
    scheduler = asyncScheduler,
    failure,
    committed = [],
    keep = Number.POSITIVE_INFINITY,
  } = options;
  const saved: StateSnapshot[] = [];
  const counts = { opened: 0, closed: 0, saves: 0 };
  let steps = [...committed];

  const save = (snapshot: StateSnapshot, metrics: ReadonlyMap<string, number>): Observable<Checkpoint> =>
    defer(() => {
      const nth = ++counts.saves;
      return (latencyMs === 0 ? of(0) : timer(latencyMs, scheduler)).pipe(
        map(() => {
          const error = failure?.(nth);
          if (error !== undefined) throw error;
          saved.push(snapshot);
          steps.push(snapshot.globalStep);
          return checkpointAt(snapshot.globalStep, metrics);
        }),
      );
    });

  const open: OpenSaver = {
    has: (globalStep) => steps.includes(globalStep),
    startFrom: () => of(undefined),
    save,
    retain: () =>
      defer(() => {
        const victims = steps.slice(0, Math.max(0, steps.length - keep));
        steps = steps.slice(victims.length);
        return from(victims.map((globalStep) => checkpointAt(globalStep, new Map())));
      }),
    close: () => {
      counts.closed++;
    },
  };

  return {
    location: 'memory of a test',
    open: () =>
      defer(() => {
        counts.opened++;
        return of(open);
      }),
    saved,
    get opened() {
      return counts.opened;
    },
    get closed() {
      return counts.closed;
    },
  };
}

function checkpointAt(globalStep: number, metrics: ReadonlyMap<string, number>): Checkpoint {
  return { prefix: `fake-${globalStep}`, globalStep, savedAt: 0, sizeBytes: 0, metrics, parent: undefined };
}
