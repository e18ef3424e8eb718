import { Subscriber } from 'rxjs';
import { HookFailedError } from '../error/hook-failed-error.js';
import { type AnyEvent, runOf, type SessionEvent, type StepEvent } from '../session/event.js';
import { HookEvent } from '../session/hook-event.js';
import type { HookWatch, RunControl } from '../session/run-control.js';
import { checkActions } from './check-actions.js';
import type { HookActions, HookDefinition } from './hook.js';

/** One hook in one run. */
interface ActiveHook {
  readonly name: string;
  readonly actions: HookActions;
  /** The first global step at which `step` is to be called. */
  wakeStep: number;
}

/**
 * Walks every event through neighbouring hooks in order, then passes it on: one subscriber for all of them, which
 * behaves as one for each would. So they are made from the last to the first, as subscription goes up a chain, and torn
 * down in the same order.
 */
export class HookSubscriber extends Subscriber<AnyEvent> {
  readonly #target: Subscriber<AnyEvent>;
  readonly #hooks: ActiveHook[] = [];
  readonly #onBeforeStep: readonly ActiveHook[];
  readonly #onStep: readonly ActiveHook[];
  #run: RunControl | undefined;
  /** Steps before this one concern no hook: the least `wakeStep` of all, or less. */
  #wakeStep = 0;
  #isWakeStepStale = true;
  /** Whether an event is on its way to the target. */
  #isDelivering = false;
  /** Own events that a listener caused while it was told of another one, if there are any. */
  #late: readonly HookEvent[] | undefined;

  constructor(target: Subscriber<AnyEvent>, definitions: readonly HookDefinition[]) {
    super(target);
    this.#target = target;
    this.add(() => this.#tearDown());
    for (const definition of [...definitions].reverse()) {
      try {
        this.#hooks.unshift(this.#activate(definition, definitions.length - this.#hooks.length));
      } catch (error) {
        this.error(new HookFailedError(definition.name, 'subscribe', undefined, error));
        break;
      }
    }
    this.#onBeforeStep = this.#hooks.filter(({ actions }) => actions.beforeStep !== undefined);
    this.#onStep = this.#hooks.filter(({ actions }) => actions.step !== undefined);
  }

  /** @param place how many hooks come before the next one, to which its own events go */
  #activate({ name, act }: HookDefinition, place: number): ActiveHook {
    const output = {
      emit: (event: HookEvent): void => this.#emit(event, place),
      sleepUntil: (globalStep: number): void => {
        if (Number.isNaN(globalStep)) throw new RangeError('sleepUntil(globalStep): expected a number, received NaN');
        hook.wakeStep = globalStep;
        this.#wakeStep = 0;
        this.#isWakeStepStale = true;
      },
    };
    const actions = act(output) as HookActions;
    checkActions(actions);
    const hook: ActiveHook = { name, actions, wakeStep: 0 };
    return hook;
  }

  override next(event: AnyEvent): void {
    if (this.isStopped) return;
    const { type } = event;
    const watch = this.#run?.hookWatch;
    if (watch !== undefined && (type === 'step' || type === 'beforeStep' || type === 'end')) {
      if (!this.#tellWatched(event as SessionEvent, watch)) return;
    } else if (type === 'step') {
      if ((event as StepEvent).globalStep >= this.#wakeStep && !this.#tellStep(event as StepEvent)) return;
    } else if (type === 'beforeStep') {
      if (this.#onBeforeStep.length > 0 && !this.#tell(this.#onBeforeStep, event as SessionEvent)) return;
    } else if (!this.#tellRare(event)) {
      return;
    }
    this.#deliver(event);
  }

  protected override _error(error: unknown): void {
    this.#tellError(error, 0);
    super._error(error);
  }

  protected override _complete(): void {
    for (const [i, hook] of this.#hooks.entries()) {
      try {
        hook.actions.complete?.();
      } catch (error) {
        const failure = new HookFailedError(hook.name, 'complete', undefined, error);
        this.#tellError(failure, i + 1);
        super._error(failure);
        return;
      }
    }
    super._complete();
  }

  #tellStep(event: StepEvent): boolean {
    const { globalStep } = event;
    const hooks = this.#onStep;
    const run = this.#run;
    let hook: ActiveHook | undefined;
    try {
      for (let i = 0; i < hooks.length; i++) {
        hook = hooks[i] as ActiveHook;
        if (globalStep < hook.wakeStep) continue;
        if (run !== undefined) run.actingHook = hook.name;
        hook.actions.step?.(event);
      }
    } catch (error) {
      return this.#failed(hook as ActiveHook, event, error);
    }
    if (run !== undefined) run.actingHook = undefined;
    if (this.#isWakeStepStale) this.#reckonWakeStep();
    return true;
  }

  #reckonWakeStep(): void {
    this.#isWakeStepStale = false;
    this.#wakeStep = Number.POSITIVE_INFINITY;
    for (const { wakeStep } of this.#onStep) this.#wakeStep = Math.min(this.#wakeStep, wakeStep);
  }

  #tellRare(event: AnyEvent): boolean {
    if (event instanceof HookEvent) {
      this.#tellHookEvent(event, 0);
      return true;
    }
    this.#run = runOf(event);
    if (event.type === 'sessionCreated') {
      for (const hook of this.#hooks) hook.wakeStep = 0;
      this.#wakeStep = 0;
      this.#isWakeStepStale = true;
    }
    return this.#tell(this.#hooks, event);
  }

  #tell(hooks: readonly ActiveHook[], event: SessionEvent): boolean {
    const run = runOf(event);
    for (const hook of hooks) {
      run.actingHook = hook.name;
      try {
        (hook.actions[event.type] as ((event: SessionEvent) => void) | undefined)?.call(hook.actions, event);
      } catch (error) {
        return this.#failed(hook, event, error);
      }
    }
    run.actingHook = undefined;
    return true;
  }

  /** As {@link #tell}, with somebody who looks on. */
  #tellWatched(event: SessionEvent, watch: HookWatch): boolean {
    const run = runOf(event);
    watch.reached(event);
    for (const hook of this.#hooks) {
      const action = hook.actions[event.type] as ((event: SessionEvent) => void) | undefined;
      if (action === undefined || (event.type === 'step' && event.globalStep < hook.wakeStep)) continue;
      run.actingHook = hook.name;
      const acted = watch.acts(hook.name, event);
      try {
        action.call(hook.actions, event);
      } catch (error) {
        return this.#failed(hook, event, error);
      } finally {
        acted();
      }
    }
    run.actingHook = undefined;
    if (this.#isWakeStepStale) this.#reckonWakeStep();
    return true;
  }

  /** Adds a hook's own event: the hooks after it are told first, as if it came down the stream. */
  #emit(event: HookEvent, place: number): void {
    if (this.closed) return;
    this.#tellHookEvent(event, place);
    // Of several listeners the next ones have not heard yet what this one was told.
    if (this.#isDelivering) this.#late = [...(this.#late ?? []), event];
    else this.#deliver(event);
  }

  #deliver(event: AnyEvent): void {
    this.#isDelivering = true;
    this.#target.next(event);
    this.#isDelivering = false;
    if (this.#late !== undefined) this.#deliverLate(this.#late);
  }

  #deliverLate([first, ...others]: readonly HookEvent[]): void {
    this.#late = others.length === 0 ? undefined : others;
    if (first !== undefined) this.#deliver(first);
  }

  /** A hook that fails here fails the run, but what the event tells has happened: the others are told all the same. */
  #tellHookEvent(event: HookEvent, place: number): void {
    const acting = this.#run?.actingHook;
    for (let i = place; i < this.#hooks.length && !this.closed; i++) {
      const hook = this.#hooks[i] as ActiveHook;
      if (this.#run !== undefined) this.#run.actingHook = hook.name;
      try {
        hook.actions.hookEvent?.(event);
      } catch (error) {
        this.#failed(hook, event, error);
      }
    }
    if (this.#run !== undefined) this.#run.actingHook = acting;
  }

  #tellError(error: unknown, place: number): void {
    for (const { name, actions } of this.#hooks.slice(place)) {
      try {
        actions.error?.(error);
      } catch (further) {
        this.#tooLate(new HookFailedError(name, 'error', undefined, further));
      }
    }
  }

  #tearDown(): void {
    for (const { name, actions } of [...this.#hooks].reverse()) {
      try {
        actions.teardown?.();
      } catch (error) {
        this.#tooLate(new HookFailedError(name, 'teardown', undefined, error));
      }
    }
  }

  /** A failing hook fails the run, which decides what comes of it. */
  #failed(hook: ActiveHook, event: AnyEvent, error: unknown): false {
    const globalStep = 'globalStep' in event ? Number(event.globalStep) : undefined;
    const failure = new HookFailedError(hook.name, event.type, globalStep, error);
    const run = event instanceof HookEvent ? this.#run : runOf(event);
    if (run === undefined) {
      this.error(failure);
      return false;
    }
    run.actingHook = undefined;
    run.fail(failure);
    return false;
  }

  /** What fails when the run is over already cannot fail it any more, but is not lost either. */
  #tooLate(failure: HookFailedError): void {
    if (this.#run !== undefined) this.#run.logger.error({ err: failure }, failure.message);
    else
      queueMicrotask(() => {
        throw failure;
      });
  }
}
