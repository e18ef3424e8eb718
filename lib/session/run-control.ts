import type { Observable, ObservableInput, SchedulerLike } from 'rxjs';
import type { Logger } from '../log/logger.js';
import type { PartState } from '../tensor/part-state.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';
import type { Coordinator } from './coordinator.js';
import type { SessionEvent } from './event.js';
import type { HoldWatch } from './moment.js';

/** What a run offers to its events, and through them to hooks. One for each run. */
export interface RunControl {
  readonly coordinator: Coordinator;
  readonly logger: Logger;
  readonly scheduler: SchedulerLike;
  /** The hook that is being told of an event, for messages; set by whoever tells it. */
  actingHook: string | undefined;

  /** Tells `watch` of the holds that begin from now on, until the function that is returned is called. */
  watchHolds?(watch: HoldWatch): () => void;
  /** Tells `watch` of what hooks do from the next event on, until the function that is returned is called. */
  watchHooks?(watch: HookWatch): () => void;
  /** All who are told of what hooks do, as one; `undefined` while nobody is. */
  readonly hookWatch?: HookWatch | undefined;

  /** @see LifecycleEvent.waitUntil */
  hold(event: object, work: ObservableInput<unknown>): void;
  /** @see LifecycleEvent.requestStop */
  requestStop(reason: string): void;
  /** @see LifecycleEvent.fail */
  fail(error: unknown): void;
  /** @see LifecycleEvent.captureState */
  captureState(): Observable<StateSnapshot>;
  /** @see BeginEvent.track */
  track(key: string, part: TrackedPart): void;
  /** @see BeginEvent.addFetch */
  addFetch(name: string, compute: unknown): void;
  /** @see BeforeStepEvent.request */
  request(event: object, fetches: readonly string[]): void;
  /** @see BeforeStepEvent.feed */
  feed(event: object, key: string, value: unknown): void;
  /** @see StepEvent.fetch */
  fetched(event: object, name: string): unknown;
}

/** Told of lifecycle events and of what hooks do at them, for who measures a run. */
export interface HookWatch {
  /** An event reaches some neighbouring hooks, and then what comes after them. */
  reached(event: SessionEvent): void;
  /** A hook begins to act; what is returned is called when it has acted. */
  acts(hook: string, event: SessionEvent): () => void;
}

/** State of a hook that lives in checkpoints. */
export interface TrackedPart {
  capture(): PartState;
  /** Takes over `state`, or goes back to the start if there is none. */
  restore(state: PartState | undefined): void;
}
