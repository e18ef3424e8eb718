import {
  AfterSaveEvent,
  BeforeSaveEvent,
  SaveFailedEvent,
  SaveSkippedEvent,
} from '../../checkpoint/checkpoint-event.js';
import type { SessionEvent } from '../../session/event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { encodeChromeTrace, type Instant, type Slice } from './chrome-trace.js';

interface OpenSave {
  readonly name: string;
  readonly from: number;
}

/**
 * What happens in one step, as slices of time:
 *
 *     loop   | input | step 200                                                  |
 *                    | hook | hold | train                  | hook | hook | hold |
 *     saves                                                        | save 200    |
 */
export class StepProfile {
  readonly #now: () => number;
  readonly #origin: number;
  readonly #slices: Slice[] = [];
  readonly #instants: Instant[] = [];
  readonly #saves = new Map<number, OpenSave>();
  /** Since when nothing of the session's has happened. */
  #quietSince: number;
  #beganAt: number | undefined;
  #globalStep: number | undefined;

  /** @param since when the step before was done with, if that is known */
  constructor(now: () => number, since: number = now()) {
    this.#now = now;
    this.#origin = since;
    this.#quietSince = since;
  }

  /** The global step that was profiled; `undefined` until it is taken. */
  get globalStep(): number | undefined {
    return this.#globalStep;
  }

  /** When everything that belongs to the step was over. */
  get endedAt(): number {
    return this.#quietSince;
  }

  /** From before the step to its end. */
  get seconds(): number {
    return (this.#quietSince - (this.#beganAt ?? this.#quietSince)) / 1000;
  }

  reached(event: SessionEvent): void {
    const now = this.#now();
    if (event.type === 'beforeStep' && this.#beganAt === undefined) {
      this.#slice('input', 'input', this.#quietSince, now);
      this.#beganAt = now;
      this.#quietSince = now;
    } else if (event.type === 'step' && this.#beganAt !== undefined && this.#globalStep === undefined) {
      this.#slice('step', 'train', this.#quietSince, now);
      this.#globalStep = event.globalStep;
      this.#quietSince = now;
    }
  }

  /** A hook begins to act; what is returned is called when it has acted. */
  acts(hook: string, event: SessionEvent): () => void {
    return this.#begin('hook', hook, event.type);
  }

  /** A hold begins; what is returned is called when it is over. */
  holds(hook: string | undefined, event: string): () => void {
    return this.#begin('hold', `hold: ${hook ?? 'unnamed'}`, event);
  }

  #begin(category: string, name: string, event: string): () => void {
    const from = this.#now();
    return () => {
      this.#quietSince = this.#now();
      this.#slice(category, name, from, this.#quietSince, { event });
    };
  }

  heard(event: HookEvent): void {
    const at = this.#now() - this.#origin;
    if (event instanceof BeforeSaveEvent) {
      this.#saves.set(event.globalStep, { name: `save ${event.globalStep}`, from: at });
    } else if (event instanceof AfterSaveEvent) {
      this.#endSave(event.globalStep, at, { prefix: event.checkpoint.prefix, sizeBytes: event.checkpoint.sizeBytes });
    } else if (event instanceof SaveFailedEvent || event instanceof SaveSkippedEvent) {
      this.#endSave(event.globalStep, at, { outcome: event.type });
    } else {
      this.#instants.push({ track: 'other events', category: 'event', name: event.type, at });
    }
  }

  /** A save that began before the profile is as long as it is seen. */
  #endSave(globalStep: number, to: number, args: NonNullable<Slice['args']>): void {
    const { name, from } = this.#saves.get(globalStep) ?? { name: `save ${globalStep}`, from: 0 };
    this.#saves.delete(globalStep);
    this.#slices.push({ track: 'saves', category: 'save', name, from, to, args });
  }

  /** The profile as a trace; a save that goes on in the background is shown up to here. */
  encode(): string {
    const end = this.#quietSince - this.#origin;
    const begin = (this.#beganAt ?? this.#quietSince) - this.#origin;
    const step: Slice = { track: 'loop', category: 'step', name: `step ${this.#globalStep}`, from: begin, to: end };
    const saves = [...this.#saves.values()].map(
      ({ name, from }): Slice => ({
        track: 'saves',
        category: 'save',
        name,
        from,
        to: Math.max(from, end),
        args: { isUnfinished: true },
      }),
    );
    const about = { globalStep: this.#globalStep ?? 0 };
    return encodeChromeTrace([step, ...this.#slices, ...saves], this.#instants, about);
  }

  #slice(category: string, name: string, from: number, to: number, args?: Slice['args']): void {
    this.#slices.push({ track: 'loop', category, name, from: from - this.#origin, to: to - this.#origin, args });
  }
}
