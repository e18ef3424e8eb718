import {
  AfterSaveEvent,
  BeforeSaveEvent,
  CheckpointDeletedEvent,
  SaveFailedEvent,
  SaveProgressEvent,
  SaveSkippedEvent,
  SnapshotTakenEvent,
} from '../../checkpoint/checkpoint-event.js';
import type { HookEvent } from '../../session/hook-event.js';
import { describeFailure } from './describe-failure.js';
import type { RecordedHookEvent, RecordedSave } from './recorded-event.js';
import { scrubSecrets } from './scrub-secrets.js';

const MOST_VALUES = 32;
const LONGEST_TEXT = 200;

/** The phase of a save that an event tells of; `undefined` if it is another event. */
export function recordSave(event: HookEvent, t: number): RecordedSave | undefined {
  if (event instanceof BeforeSaveEvent) return { kind: 'beforeSave', t, step: event.globalStep, cause: event.cause };
  if (event instanceof SnapshotTakenEvent) {
    const { globalStep, sizeBytes, stallSeconds } = event;
    return { kind: 'snapshotTaken', t, step: globalStep, sizeBytes, stallMs: stallSeconds * 1000 };
  }
  if (event instanceof SaveProgressEvent) {
    const { globalStep, writtenBytes, sizeBytes, seconds } = event;
    return { kind: 'saveProgress', t, step: globalStep, writtenBytes, sizeBytes, ms: seconds * 1000 };
  }
  if (event instanceof AfterSaveEvent) {
    const { globalStep, checkpoint, seconds } = event;
    const { prefix, sizeBytes } = checkpoint;
    return { kind: 'afterSave', t, step: globalStep, prefix, sizeBytes, ms: seconds * 1000 };
  }
  if (event instanceof SaveFailedEvent) {
    return { kind: 'saveFailed', t, step: event.globalStep, error: describeFailure(event.error) };
  }
  if (event instanceof SaveSkippedEvent) {
    return { kind: 'saveSkipped', t, step: event.globalStep, reason: scrubSecrets(event.reason) };
  }
  if (event instanceof CheckpointDeletedEvent) {
    const { globalStep, prefix } = event.checkpoint;
    return { kind: 'checkpointDeleted', t, step: event.globalStep, prefix, checkpointStep: globalStep };
  }
  return undefined;
}

/** Any other event of a hook: its numbers and texts, one level deep. */
export function recordHookEvent(event: HookEvent, t: number, step: number): RecordedHookEvent {
  const data = new Map<string, number | string>();
  const take = (name: string, value: unknown): void => {
    if (data.size >= MOST_VALUES) return;
    if (typeof value === 'number') data.set(name, value);
    else if (typeof value === 'string') data.set(name, scrubSecrets(value).slice(0, LONGEST_TEXT));
  };
  for (const [name, value] of Object.entries(event)) {
    if (name === 'type' || name === 'globalStep') continue;
    if (value instanceof Map) for (const [key, inner] of value) take(String(key), inner);
    else take(name, value);
  }
  const at = 'globalStep' in event && Number.isSafeInteger(event.globalStep) ? Number(event.globalStep) : step;
  return { kind: 'hookEvent', t, type: event.type, step: at, data: data.size === 0 ? undefined : data };
}
