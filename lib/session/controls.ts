import {
  concat,
  defer,
  EMPTY,
  type Observable,
  type ObservableInput,
  type SchedulerLike,
  Subject,
  throwError,
} from 'rxjs';
import { describeReceived } from '../error/describe-received.js';
import { EventPassedError } from '../error/event-passed-error.js';
import type { Logger } from '../log/logger.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';
import type { Attempt } from './attempt.js';
import { WorkCoordinator } from './coordinator.js';
import type { FetchFunction, SessionEvent, StepEvent } from './event.js';
import { Failures } from './failures.js';
import { Fetches } from './fetches.js';
import type { HoldWatch, Moment } from './moment.js';
import type { HookWatch, RunControl, TrackedPart } from './run-control.js';
import type { SessionState } from './scaffold.js';

/** What events ask of their run, noted down for the run to act on at the next step boundary. */
export class Controls<S extends SessionState, T> implements RunControl {
  actingHook: string | undefined;
  hookWatch: HookWatch | undefined;
  /** Whether the loop must look up before the next step: a stop or a failure is waiting. */
  isInterrupted = false;
  globalStep = 0;
  attempt: Attempt<S, T> | undefined;
  stopReason: string | undefined;
  coordinator: WorkCoordinator;
  readonly failures = new Failures();
  readonly fetches = new Fetches();
  readonly tracked = new Map<string, TrackedPart>();
  /** Emits when a stop is asked for, or a failure is told: for who waits between two steps. */
  readonly interrupted$ = new Subject<void>();
  readonly #holdWatches = new Set<HoldWatch>();
  readonly #hookWatches = new Set<HookWatch>();

  constructor(
    readonly logger: Logger,
    readonly scheduler: SchedulerLike,
    readonly moment: Moment,
    readonly captureLimitSeconds: number,
  ) {
    this.coordinator = this.#newCoordinator();
  }

  hold(event: SessionEvent, work: ObservableInput<unknown>): void {
    this.moment.check(event, 'waitUntil');
    this.moment.hold(work, this.actingHook, event.type);
  }

  watchHolds(watch: HoldWatch): () => void {
    const watches = this.#holdWatches;
    watches.add(watch);
    this.moment.watch = (hook, event) => {
      const ends = [...watches].map((begun) => begun(hook, event));
      return () => {
        for (const end of ends) end();
      };
    };
    return () => {
      watches.delete(watch);
      if (watches.size === 0) this.moment.watch = undefined;
    };
  }

  watchHooks(watch: HookWatch): () => void {
    const watches = this.#hookWatches;
    watches.add(watch);
    this.hookWatch = allOf(watches);
    return () => {
      watches.delete(watch);
      this.hookWatch = allOf(watches);
    };
  }

  requestStop(reason: string): void {
    if (this.stopReason !== undefined) return;
    this.stopReason = reason;
    this.logger.debug({ reason, globalStep: this.globalStep }, 'stop requested');
    this.#interrupt();
  }

  fail(error: unknown): void {
    this.failures.add(error);
    this.#interrupt();
  }

  #interrupt(): void {
    this.isInterrupted = true;
    this.interrupted$.next();
  }

  captureState(): Observable<StateSnapshot> {
    return defer(() => {
      if (this.attempt === undefined) {
        throw new Error('captureState(): there is a state only from sessionCreated to the end of the run');
      }
      const limit = { seconds: this.captureLimitSeconds, scheduler: this.scheduler };
      return this.attempt.capture(this.globalStep, this.tracked, limit);
    });
  }

  track(key: string, part: TrackedPart): void {
    if (this.fetches.isFrozen) throw new EventPassedError('begin', 'track');
    if (key === '' || key.includes('/')) {
      throw new RangeError(`track(key): expected a key without "/", received ${describeReceived(key)}`);
    }
    if (this.tracked.has(key)) {
      throw new RangeError(`track(key): two hooks have the key "${key}"; give one of them another \`key\``);
    }
    this.tracked.set(key, part);
  }

  addFetch(name: string, compute: FetchFunction | undefined): void {
    this.fetches.add(name, compute);
  }

  request(event: SessionEvent, fetches: readonly string[]): void {
    this.moment.check(event, 'request');
    this.fetches.request(fetches);
  }

  feed(event: SessionEvent, key: string, value: unknown): void {
    this.moment.check(event, 'feed');
    this.fetches.feed(key, value, this.actingHook ?? 'unnamed');
  }

  fetched(event: StepEvent, name: string): unknown {
    this.moment.check(event, 'fetch');
    return this.fetches.valueOf(name, event);
  }

  // ---- for the run

  /** Whether there may be something to wait for, or to fail from, before the loop goes on from the current event. */
  get mustSettle(): boolean {
    return this.moment.isHeld || this.isInterrupted;
  }

  /** Waits for what holds the current event; fails if the run fails already, or when the holds are done. */
  settle(): Observable<never> {
    return concat(this.check(), this.moment.drain(), this.check());
  }

  /** Fails if anything has failed. */
  check(): Observable<never> {
    return defer(() => (this.failures.isEmpty ? EMPTY : throwError(() => this.failures.all[0])));
  }

  /** Forgets what belonged to the attempt that is over; a stop that was asked for stands. */
  renew(): void {
    this.coordinator = this.#newCoordinator();
    this.isInterrupted = this.stopReason !== undefined || !this.failures.isEmpty;
  }

  #newCoordinator(): WorkCoordinator {
    return new WorkCoordinator((work, error) => {
      this.logger.error({ err: error, work }, 'background work failed');
      this.fail(error);
    });
  }
}

/** One watch for several; those that are there when it is made. */
function allOf(watches: ReadonlySet<HookWatch>): HookWatch | undefined {
  const all = [...watches];
  if (all.length <= 1) return all[0];
  return {
    reached: (event) => {
      for (const watch of all) watch.reached(event);
    },
    acts: (hook, event) => {
      const acted = all.map((watch) => watch.acts(hook, event));
      return () => {
        for (const each of acted) each();
      };
    },
  };
}
