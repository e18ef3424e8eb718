import type { Observable, SchedulerLike } from 'rxjs';
import type { AnyEvent } from '../session/event.js';
import { HookEvent } from '../session/hook-event.js';
import { drawMoments } from './draw-marbles.js';
import type { Lifecycle } from './step-events.js';

/** What a stream of events said and when, in milliseconds from when it was subscribed to. */
export class EventRecord {
  readonly events: { readonly frame: number; readonly event: AnyEvent }[] = [];
  end: { readonly frame: number; readonly kind: 'complete' | 'error'; readonly error?: unknown } | undefined;

  /** The record of a stream, which is subscribed to at once; `unsubscribe` cuts it off. */
  static of(source: Observable<AnyEvent>, scheduler: SchedulerLike): EventRecord & { unsubscribe(): void } {
    const record = new EventRecord();
    const start = scheduler.now();
    const frame = (): number => scheduler.now() - start;
    const subscription = source.subscribe({
      next: (event) => record.events.push({ frame: frame(), event }),
      error: (error: unknown) => {
        record.end = { frame: frame(), kind: 'error', error };
      },
      complete: () => {
        record.end = { frame: frame(), kind: 'complete' };
      },
    });
    return Object.assign(record, { unsubscribe: () => subscription.unsubscribe() });
  }

  /** The lifecycle events, without those that hooks added. */
  get lifecycle(): readonly { readonly frame: number; readonly event: AnyEvent }[] {
    return this.events.filter(({ event }) => !(event instanceof HookEvent));
  }

  /** The events that hooks added, as `type` and frame. */
  get added(): readonly string[] {
    return this.events
      .filter(({ event }) => event instanceof HookEvent)
      .map(({ frame, event }) => `${event.type} at ${frame} ms`);
  }

  /** The lifecycle as marbles; an event that is none of `events` itself, but maybe its copy, is a `?`. */
  draw(events: Lifecycle<unknown>): string {
    const letters = new Map<unknown, string>(Object.entries(events).map(([letter, event]) => [event, letter]));
    const moments = this.lifecycle.map(({ frame, event }) => ({ frame, mark: letters.get(event) ?? '?' }));
    if (this.end !== undefined) moments.push({ frame: this.end.frame, mark: this.end.kind === 'error' ? '#' : '|' });
    return drawMoments(moments);
  }
}
