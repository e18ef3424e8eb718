import { Observable, type Operator, type Subscriber, type TeardownLogic } from 'rxjs';
import { checkFunction } from '../error/check-function.js';
import type {
  AnyEvent,
  BeforeStepEvent,
  BeginEvent,
  EndEvent,
  SessionCreatedEvent,
  StepEvent,
} from '../session/event.js';
import type { HookEvent } from '../session/hook-event.js';
import { HookSubscriber } from './hook-subscriber.js';

/**
 * An operator that acts on a session. Lifecycle events pass it unchanged, in the same order, at the same moment; its
 * own events join them. Hooks act in the order in which they are piped.
 *
 * @typeParam Own the events that it adds
 * @typeParam O what it needs the steps to return, e.g. `{ readonly loss: number }`
 */
export type Hook<Own extends HookEvent = never, O = unknown> = <E extends AnyEvent<O>>(
  source: Observable<E>,
) => Observable<E | Own>;

/**
 * What a hook does at each event; each is optional, and a hook costs nothing at an event that it does not name.
 *
 * What `begin` … `hookEvent` throw fails the run with a HookFailedError, and a lifecycle event goes no further than to
 * the hook that failed at it; what `complete` throws turns completion into that error. What `error` and `teardown`
 * throw comes too late for the run and is logged.
 */
export interface HookActions<O = unknown> {
  readonly begin?: (event: BeginEvent) => void;
  readonly sessionCreated?: (event: SessionCreatedEvent) => void;
  readonly beforeStep?: (event: BeforeStepEvent) => void;
  readonly step?: (event: StepEvent<unknown, O>) => void;
  readonly end?: (event: EndEvent) => void;
  /** Told of what earlier hooks add to the stream. */
  readonly hookEvent?: (event: HookEvent) => void;
  /** Told when the run fails; the error goes on. */
  readonly error?: (error: unknown) => void;
  /** Told when the run has completed. */
  readonly complete?: () => void;
  /** Told last, however the run ended, also when it was cancelled; of several hooks the last one is told first. */
  readonly teardown?: () => void;
}

/** What a hook can do besides, for one run. */
export interface HookOutput<Own extends HookEvent> {
  /** Adds an event to the stream, at any time during the run. */
  emit(event: Own): void;
  /**
   * Puts the hook's `step` to sleep until this global step is reached (`Infinity`: for good); a new `sessionCreated`
   * wakes it.
   */
  sleepUntil(globalStep: number): void;
}

/**
 * Makes a hook. Every hook of this library is made here: this is the one place that forwards events, so that the law
 * of hooks holds for all of them, and that turns what a hook throws into a failure of the run.
 *
 * Neighbouring hooks share one subscriber, which walks through their actions: a hook that has nothing to do at an
 * event is not called, and one that sleeps costs nothing.
 *
 * @param name for messages, e.g. `checkpointSaver`; the operator's own `name` as well
 * @param act makes the actions for one run; called anew for each subscription
 * @throws TypeError if `act` is no function
 *
 * @see docs/guide/writing-hooks.md
 */
export function hook<Own extends HookEvent = never, O = unknown>(
  name: string,
  act: (output: HookOutput<Own>) => HookActions<O>,
): Hook<Own, O> {
  checkFunction('hook(act)', act);
  const definition: HookDefinition = { name, act: act as HookDefinition['act'] };
  const operator = <E extends AnyEvent<O>>(source: Observable<E>): Observable<E | Own> =>
    new HookedEvents(source, [definition]) as unknown as Observable<E | Own>;
  return Object.defineProperty(operator, 'name', { value: name });
}

/** A hook before it acts in a run. */
export interface HookDefinition {
  readonly name: string;
  readonly act: (output: HookOutput<HookEvent>) => HookActions<never>;
}

/** A stream of events with hooks; a hook on top of hooks joins them. */
class HookedEvents extends Observable<AnyEvent> {
  readonly base: Observable<AnyEvent>;
  readonly definitions: readonly HookDefinition[];

  constructor(source: Observable<AnyEvent>, definitions: readonly HookDefinition[]) {
    super();
    this.base = source instanceof HookedEvents ? source.base : source;
    this.definitions = source instanceof HookedEvents ? [...source.definitions, ...definitions] : definitions;
    this.source = this.base;
    this.operator = new HookOperator(this.definitions);
  }
}

class HookOperator implements Operator<AnyEvent, AnyEvent> {
  constructor(readonly definitions: readonly HookDefinition[]) {}

  call(target: Subscriber<AnyEvent>, source: Observable<AnyEvent>): TeardownLogic {
    const subscriber = new HookSubscriber(target, this.definitions);
    return subscriber.closed ? undefined : source.subscribe(subscriber);
  }
}
