import { Observable, type Operator, Subscriber, type TeardownLogic } from 'rxjs';
import { HookFailedError } from '../error/hook-failed-error.js';
import {
  type AnyEvent,
  type BeforeStepEvent,
  type BeginEvent,
  type EndEvent,
  runOf,
  type SessionCreatedEvent,
  type SessionEvent,
  type StepEvent,
} from '../session/event.js';
import { HookEvent } from '../session/hook-event.js';
import type { RunControl } from '../session/run-control.js';

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

/** What a hook does at each event; each is optional, and a hook costs nothing at an event that it does not name. */
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
  /** Told last, however the run ended, also when it was cancelled. */
  readonly teardown?: () => void;
}

/** What a hook can do besides, for one run. */
export interface HookOutput<Own extends HookEvent> {
  /** Adds an event to the stream, at any time during the run. */
  emit(event: Own): void;
  /** Puts the hook's `step` to sleep until this global step is reached; a new `sessionCreated` wakes it. */
  sleepUntil(globalStep: number): void;
}

/**
 * Makes a hook. Every hook of this library is made here: this is the one place that forwards events, so that the law
 * of hooks holds for all of them, and that turns what a hook throws into a failure of the run.
 *
 * Neighbouring hooks share one subscriber, which walks through their actions: a hook that has nothing to do at an
 * event is not called, and one that sleeps costs nothing.
 *
 * @param name for messages, e.g. `checkpointSaver`
 * @param act makes the actions for one run; called anew for each subscription
 */
export function hook<Own extends HookEvent = never, O = unknown>(
  name: string,
  act: (output: HookOutput<Own>) => HookActions<O>,
): Hook<Own, O> {
  const definition: Definition = { name, act: act as Definition['act'] };
  return <E extends AnyEvent<O>>(source: Observable<E>): Observable<E | Own> =>
    new HookedEvents(source, [definition]) as unknown as Observable<E | Own>;
}

interface Definition {
  readonly name: string;
  readonly act: (output: HookOutput<HookEvent>) => HookActions<never>;
}

/** A stream of events with hooks; a hook on top of hooks joins them. */
class HookedEvents extends Observable<AnyEvent> {
  readonly base: Observable<AnyEvent>;
  readonly definitions: readonly Definition[];

  constructor(source: Observable<AnyEvent>, definitions: readonly Definition[]) {
    super();
    this.base = source instanceof HookedEvents ? source.base : source;
    this.definitions = source instanceof HookedEvents ? [...source.definitions, ...definitions] : definitions;
    this.source = this.base;
    this.operator = new HookOperator(this.definitions);
  }
}

class HookOperator implements Operator<AnyEvent, AnyEvent> {
  constructor(readonly definitions: readonly Definition[]) {}

  call(subscriber: Subscriber<AnyEvent>, source: Observable<AnyEvent>): TeardownLogic {
    return source.subscribe(new HookSubscriber(subscriber, this.definitions));
  }
}

/** One hook in one run. */
class ActiveHook {
  readonly actions: HookActions<unknown>;
  /** The first global step at which `step` is to be called. */
  wakeStep = 0;

  constructor(
    readonly name: string,
    act: Definition['act'],
    emit: (event: HookEvent) => void,
    onSleep: () => void,
  ) {
    this.actions = act({
      emit,
      sleepUntil: (globalStep) => {
        this.wakeStep = globalStep;
        onSleep();
      },
    }) as HookActions<unknown>;
  }
}

/** Walks every event through the hooks in order, then passes it on. */
class HookSubscriber extends Subscriber<AnyEvent> {
  readonly #hooks: readonly ActiveHook[];
  readonly #onBeforeStep: readonly ActiveHook[];
  readonly #onStep: readonly ActiveHook[];
  readonly #target: Subscriber<AnyEvent>;
  #run: RunControl | undefined;
  /** The least `wakeStep` of all: steps before it concern no hook. */
  #wakeStep = 0;

  constructor(target: Subscriber<AnyEvent>, definitions: readonly Definition[]) {
    super(target);
    this.#target = target;
    this.#hooks = definitions.map(
      ({ name, act }, index) =>
        new ActiveHook(
          name,
          act,
          (event) => this.#add(event, index + 1),
          () => {
            this.#wakeStep = 0;
          },
        ),
    );
    this.#onBeforeStep = this.#hooks.filter(({ actions }) => actions.beforeStep !== undefined);
    this.#onStep = this.#hooks.filter(({ actions }) => actions.step !== undefined);
    this.add(() => {
      for (const { actions } of this.#hooks) actions.teardown?.();
    });
  }

  override next(event: AnyEvent): void {
    if (this.closed) return;
    if (event.type === 'step') {
      if ((event as StepEvent).globalStep >= this.#wakeStep && !this.#tellStep(event as StepEvent)) return;
    } else if (event.type === 'beforeStep') {
      if (this.#onBeforeStep.length > 0 && !this.#tell(this.#onBeforeStep, 'beforeStep', event as BeforeStepEvent))
        return;
    } else if (!this.#tellRare(event)) {
      return;
    }
    this.#target.next(event);
  }

  protected override _error(error: unknown): void {
    for (const { actions } of this.#hooks) actions.error?.(error);
    super._error(error);
  }

  protected override _complete(): void {
    for (const { actions } of this.#hooks) actions.complete?.();
    super._complete();
  }

  #tellStep(event: StepEvent): boolean {
    const { globalStep } = event;
    let wakeStep = Number.POSITIVE_INFINITY;
    for (const hook of this.#onStep) {
      if (globalStep >= hook.wakeStep) {
        try {
          if (this.#run !== undefined) this.#run.actingHook = hook.name;
          hook.actions.step?.(event);
        } catch (error) {
          return this.#failed(hook, event, error);
        }
      }
      if (hook.wakeStep < wakeStep) wakeStep = hook.wakeStep;
    }
    this.#wakeStep = wakeStep;
    return true;
  }

  #tellRare(event: AnyEvent): boolean {
    if (event instanceof HookEvent) {
      this.#tellHooks(event, 0);
      return true;
    }
    if (event.type === 'begin') this.#run = runOf(event);
    if (event.type === 'sessionCreated') {
      this.#wakeStep = 0;
      for (const hook of this.#hooks) hook.wakeStep = 0;
    }
    return this.#tell(this.#hooks, event.type, event);
  }

  #tell(hooks: readonly ActiveHook[], type: SessionEvent['type'], event: SessionEvent): boolean {
    for (const hook of hooks) {
      try {
        if (this.#run !== undefined) this.#run.actingHook = hook.name;
        (hook.actions[type] as ((event: SessionEvent) => void) | undefined)?.(event);
      } catch (error) {
        return this.#failed(hook, event, error);
      }
    }
    return true;
  }

  /** Adds a hook's own event: the hooks after it are told first, as if it came down the stream. */
  #add(event: HookEvent, from: number): void {
    if (this.closed) return;
    this.#tellHooks(event, from);
    this.#target.next(event);
  }

  #tellHooks(event: HookEvent, from: number): void {
    for (let i = from; i < this.#hooks.length; i++) {
      const hook = this.#hooks[i] as ActiveHook;
      try {
        hook.actions.hookEvent?.(event);
      } catch (error) {
        this.#failed(hook, event, error);
      }
    }
  }

  /** A failing hook fails the run, which decides what comes of it; the event goes no further. */
  #failed(hook: ActiveHook, event: AnyEvent, error: unknown): false {
    const globalStep = 'globalStep' in event ? Number(event.globalStep) : undefined;
    const failure = new HookFailedError(hook.name, event.type, globalStep, error);
    if (this.#run === undefined) this.error(failure);
    else this.#run.fail(failure);
    return false;
  }
}
