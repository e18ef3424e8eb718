import { type Observable, tap } from 'rxjs';
import { type AfterSaveEvent, type AnyEvent, PausedEvent, ResumedEvent } from '../../index.js';
import type { StopSignal } from '../../node.js';
import { sizeText } from '../size-text.js';

/** What is known of a run so far. */
export interface Story {
  globalStep: number;
  /** The last good checkpoint. */
  prefix: string | undefined;
  /** What the last save took. */
  saved: { readonly sizeBytes: number; readonly seconds: number } | undefined;
  signal: StopSignal | undefined;
  hasEnded: boolean;
  /** Whether somebody waits for a save. */
  isSaveAsked: boolean;
}

export function newStory(): Story {
  return { globalStep: 0, prefix: undefined, saved: undefined, signal: undefined, hasEnded: false, isSaveAsked: false };
}

/** The last save: `step 437 (38 kB, 6 ms)`. */
export function savedText({ globalStep, saved }: Story): string {
  if (saved === undefined) return `step ${globalStep}`;
  return `step ${globalStep} (${sizeText(saved.sizeBytes)}, ${Math.round(saved.seconds * 1000)} ms)`;
}

/** Keeps the story, and says what people want to know at once. */
export function followStory(
  story: Story,
  say: (line: string) => void,
): (source: Observable<AnyEvent>) => Observable<AnyEvent> {
  return tap((event: AnyEvent) => {
    if ('globalStep' in event && typeof event.globalStep === 'number') story.globalStep = event.globalStep;
    if (event.type === 'end') story.hasEnded = true;
    if (event.type === 'sessionCreated' && 'restored' in event && event.restored !== undefined) {
      story.prefix = event.restored.prefix;
      say(`  resume     from step ${event.globalStep} (${event.restored.prefix})`);
    }
    if (event.type === 'afterSave' && 'checkpoint' in event) {
      const { checkpoint, seconds } = event as AfterSaveEvent;
      story.prefix = checkpoint.prefix;
      story.saved = { sizeBytes: checkpoint.sizeBytes, seconds };
      if (story.isSaveAsked) say(`  saved      ${savedText(story)}`);
      story.isSaveAsked = false;
    }
    if (event instanceof PausedEvent) say(`  paused     at step ${event.globalStep}; p goes on`);
    if (event instanceof ResumedEvent) say(`  goes on    after ${event.seconds.toFixed(1)} s`);
  });
}
