import { type Observable, tap } from 'rxjs';
import { CHECKPOINT_EVENTS } from '../../checkpoint/checkpoint-event.js';
import { type Hook, hook } from '../../hook/hook.js';
import type { SessionCreatedEvent, StepEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import type { Json } from '../../tensor/json.js';
import type { StateSnapshot } from '../../tensor/state-snapshot.js';
import type { Tensor } from '../../tensor/tensor.js';

/** All that is compared of one step. */
export interface StepRecord {
  readonly outputs: unknown;
  readonly events: readonly unknown[];
  readonly tensors: ReadonlyMap<string, Tensor>;
  readonly json: Json;
}

/** What is to be the same of an event that a hook added; `undefined` if it may differ. */
export type EventView = (event: HookEvent) => unknown;

const CHECKPOINT_TYPES: ReadonlySet<string> = new Set(CHECKPOINT_EVENTS);

/** What one run did: where it started, and what came of each step, by the global step after it. */
export interface RunSteps {
  readonly startedAt: number | undefined;
  readonly start: StepRecord | undefined;
  readonly steps: ReadonlyMap<number, StepRecord>;
  /** The steps that were taken again after a recovery: of those, `steps` has the last time. */
  readonly retaken: ReadonlySet<number>;
}

/** Writes down what a run does. A step that was taken again after a recovery counts as it was the last time. */
export class RunRecord implements RunSteps {
  startedAt: number | undefined;
  start: StepRecord | undefined;
  readonly steps = new Map<number, StepRecord>();
  readonly retaken = new Set<number>();
  readonly #view: EventView;
  #events: unknown[] = [];

  constructor(view: EventView = viewOf) {
    this.#view = view;
  }

  /**
   * A hook that writes down what happens; it stands last and sees what all the others say and do.
   *
   * @param onStep is told when a step is written down, and may end the run
   */
  hook(onStep: (step: StepEvent) => void): Hook {
    return hook('resumeLaw', () => ({
      sessionCreated: (event) => event.waitUntil(this.#created(event)),
      hookEvent: (event) => {
        const seen = this.#view(event);
        if (seen !== undefined) this.#events.push(seen);
      },
      step: (event) => event.waitUntil(this.#stepped(event, onStep)),
    }));
  }

  #created(event: SessionCreatedEvent): Observable<unknown> {
    return event.captureState().pipe(
      tap((snapshot) => {
        this.#events = [];
        // A recovery creates the session again, but the run started where it started.
        if (this.startedAt !== undefined) return;
        this.startedAt = event.globalStep;
        this.start = recordOf(snapshot, undefined, []);
      }),
    );
  }

  #stepped(event: StepEvent, onStep: (step: StepEvent) => void): Observable<unknown> {
    return event.captureState().pipe(
      tap((snapshot) => {
        if (this.steps.has(event.globalStep)) this.retaken.add(event.globalStep);
        this.steps.set(event.globalStep, recordOf(snapshot, event.outputs, this.#events));
        this.#events = [];
        onStep(event);
      }),
    );
  }
}

/** When a save began that a trigger asked for; what else savers say depends on how fast they are. */
function viewOf(event: HookEvent): unknown {
  if (!CHECKPOINT_TYPES.has(event.type)) return event;
  if (event.type !== 'beforeSave' || !('cause' in event) || event.cause !== 'trigger') return undefined;
  return { type: event.type, globalStep: 'globalStep' in event ? event.globalStep : undefined };
}

function recordOf({ tensors, json }: StateSnapshot, outputs: unknown, events: readonly unknown[]): StepRecord {
  const copies = new Map<string, Tensor>();
  for (const [name, tensor] of tensors) {
    copies.set(
      name,
      tensor.dtype === 'string'
        ? { ...tensor, values: tensor.values.map((value) => value.slice()) }
        : { dtype: tensor.dtype, shape: tensor.shape, bytes: tensor.bytes.slice() },
    );
  }
  return { outputs, events, tensors: copies, json: structuredClone(json) };
}
