import {
  asyncScheduler,
  concatMap,
  defer,
  type MonoTypeOperatorFunction,
  Observable,
  type ObservableInput,
  type SchedulerLike,
  Subject,
  type Subscription,
} from 'rxjs';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { type Logger, silentLogger } from '../log/logger.js';
import { captureParts } from '../session/capture-parts.js';
import { WorkCoordinator } from '../session/coordinator.js';
import type { AnyEvent, FetchFunction, StepEvent } from '../session/event.js';
import { Fetches } from '../session/fetches.js';
import { HookEvent } from '../session/hook-event.js';
import { Moment } from '../session/moment.js';
import type { RunControl, TrackedPart } from '../session/run-control.js';
import type { SessionState } from '../session/scaffold.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';
import { fakeState } from './fake-state.js';

export interface FakeRunOptions {
  /** The state at a global step, for what is captured. @default fakeState */
  readonly stateAt?: ((globalStep: number) => SessionState) | undefined;
  /** @default RxJS's asyncScheduler, whose time is virtual inside `marbles` */
  readonly scheduler?: SchedulerLike | undefined;
  /** @default one that keeps quiet */
  readonly logger?: Logger | undefined;
}

const OPTIONS: OptionNames<FakeRunOptions> = { stateAt: true, scheduler: true, logger: true };

/** Makes a run without a session, for events that are drawn as marbles. */
export function fakeRun(options: FakeRunOptions = {}): FakeRun {
  checkOptions('fakeRun(options)', options, OPTIONS);
  return new FakeRun(options);
}

/** A stop that was asked for. */
export interface StopRequest {
  readonly reason: string;
  /** When, on the scheduler's clock, in milliseconds. */
  readonly at: number;
}

/** Work that held the loop. */
export interface Hold {
  /** The event that was held. */
  readonly event: object;
  readonly startedAt: number;
  /** `undefined` while it goes on. */
  readonly endedAt: number | undefined;
}

/**
 * What events do to their run, written down instead of done. Holds are begun as a session begins them: one after
 * another. Let the events pass {@link deliver} and holds delay what follows as in a session, and failures end the
 * stream; without it events come when they are drawn, whatever holds them.
 */
export class FakeRun implements RunControl {
  actingHook: string | undefined;
  readonly scheduler: SchedulerLike;
  readonly logger: Logger;
  readonly coordinator: WorkCoordinator;
  /** Stops that were asked for, in order; a session heeds the first. */
  readonly stopRequests: StopRequest[] = [];
  /** What the run was failed with, in order: by hooks that threw, by work that failed. */
  readonly failures: unknown[] = [];
  readonly holds: Hold[] = [];
  readonly tracked = new Map<string, TrackedPart>();
  readonly #stateAt: (globalStep: number) => SessionState;
  readonly #fetches = new Fetches();
  readonly #moment = new Moment();
  readonly #undelivered = new Subject<ObservableInput<unknown>>();
  readonly #undeliveredWork: Subscription;
  #isDelivering = false;
  #askedEvent: object | undefined;
  #globalStep = 0;

  constructor({ stateAt = fakeState, scheduler = asyncScheduler, logger = silentLogger }: FakeRunOptions) {
    this.#stateAt = stateAt;
    this.scheduler = scheduler;
    this.logger = logger;
    this.coordinator = new WorkCoordinator((_name, error) => this.fail(error));
    this.#undeliveredWork = this.#undelivered
      .pipe(concatMap((work) => work))
      .subscribe({ error: (error: unknown) => this.fail(error) });
  }

  /**
   * Delivers events as a session does: what an event is held by is begun when all hooks have seen the event, the next
   * event waits for it, and a failure ends the stream after the event at which it came.
   */
  deliver<E extends AnyEvent>(): MonoTypeOperatorFunction<E> {
    return (source) =>
      defer(() => {
        this.#isDelivering = true;
        return source.pipe(concatMap((event) => this.#tell(event)));
      });
  }

  /** Ends what goes on for this run, as the end of a session does. */
  cancel(): void {
    this.#undeliveredWork.unsubscribe();
    this.coordinator.abandon();
  }

  #tell<E extends AnyEvent>(event: E): Observable<E> {
    return new Observable((subscriber) => {
      if (!(event instanceof HookEvent)) this.#see(event);
      this.#moment.begin(event);
      subscriber.next(event);
      if (this.failures.length > 0) {
        this.#moment.end();
        subscriber.error(this.failures[0]);
        return undefined;
      }
      if (event.type === 'begin') this.#fetches.freeze();
      return this.#moment.drain().subscribe({
        error: (error: unknown) => {
          this.fail(error);
          subscriber.error(this.failures[0]);
        },
        complete: () => {
          this.#moment.end();
          if (event.type === 'step') this.#fetches.clear();
          if (this.failures.length > 0) subscriber.error(this.failures[0]);
          else subscriber.complete();
        },
      });
    });
  }

  #see(event: object): void {
    if ('globalStep' in event) this.#globalStep = Number(event.globalStep);
  }

  hold(event: { readonly type: string }, work: ObservableInput<unknown>): void {
    const logged = this.#logged(event, work);
    if (this.#isDelivering) {
      this.#moment.check(event, 'waitUntil');
      this.#moment.hold(logged);
      return;
    }
    this.#see(event);
    this.#undelivered.next(logged);
  }

  #logged(event: object, work: ObservableInput<unknown>): Observable<unknown> {
    return defer(() => {
      const index = this.holds.push({ event, startedAt: this.scheduler.now(), endedAt: undefined }) - 1;
      return new Observable((subscriber) => {
        subscriber.add(() => {
          this.holds[index] = { ...(this.holds[index] as Hold), endedAt: this.scheduler.now() };
        });
        subscriber.add(defer(() => work).subscribe(subscriber));
      });
    });
  }

  requestStop(reason: string): void {
    this.stopRequests.push({ reason, at: this.scheduler.now() });
  }

  fail(error: unknown): void {
    this.failures.push(error);
  }

  /** The state at the step of the event that was delivered or held last. */
  captureState(): Observable<StateSnapshot> {
    return defer(() => {
      const parts = new Map(Object.entries(this.#stateAt(this.#globalStep)));
      const position = { capture: () => ({ tensors: new Map(), json: { position: this.#globalStep } }), restore() {} };
      return captureParts(this.#globalStep, parts, position, this.tracked);
    });
  }

  track(key: string, part: TrackedPart): void {
    if (this.tracked.has(key)) throw new RangeError(`track(key): two hooks have the key "${key}"`);
    this.tracked.set(key, part);
  }

  addFetch(name: string, compute: FetchFunction | undefined): void {
    this.#fetches.add(name, compute);
  }

  /** What was asked for in the step that goes on. */
  get requested(): ReadonlySet<string> {
    return this.#fetches.requested;
  }

  /** What hooks feed into the step that goes on. */
  get feeds(): ReadonlyMap<string, unknown> {
    return this.#fetches.feeds;
  }

  /** Gives the value of a fetch for the step that goes on, as the user's step would. */
  provide(fetch: string, value: unknown): void {
    this.#fetches.provide(fetch, value);
  }

  request(event: object, fetches: readonly string[]): void {
    this.#turnTo(event);
    this.#fetches.request(fetches);
  }

  feed(event: object, key: string, value: unknown): void {
    this.#turnTo(event);
    this.#fetches.feed(key, value, this.actingHook ?? 'unnamed');
  }

  /** Events that are not delivered have no end at which what was asked of a step is forgotten: the next step begins. */
  #turnTo(event: object): void {
    if (!this.#isDelivering && event !== this.#askedEvent) this.#fetches.clear();
    this.#askedEvent = event;
  }

  fetched(event: StepEvent, name: string): unknown {
    return this.#fetches.valueOf(name, event);
  }
}
