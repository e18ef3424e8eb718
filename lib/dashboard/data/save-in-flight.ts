import type { RecordedEvent } from '../../node.js';

/** A save that goes on, and how far it is where that was told: bytes of the state. */
export interface SaveInFlight {
  readonly step: number;
  readonly writtenBytes: number;
  readonly sizeBytes: number | undefined;
}

/** The save that goes on after these events, each of one process in turn. */
export function followSave(save: SaveInFlight | undefined, event: RecordedEvent): SaveInFlight | undefined {
  switch (event.kind) {
    case 'beforeSave':
      return { step: event.step, writtenBytes: 0, sizeBytes: undefined };
    case 'snapshotTaken':
      return save?.step === event.step ? { ...save, sizeBytes: event.sizeBytes } : save;
    case 'saveProgress':
      return { step: event.step, writtenBytes: event.writtenBytes, sizeBytes: event.sizeBytes };
    case 'afterSave':
    case 'saveFailed':
    case 'saveSkipped':
      return save?.step === event.step ? undefined : save;
    case 'begin':
    case 'sessionCreated':
    case 'finished':
    case 'failed':
    case 'cancelled':
      return undefined;
    default:
      return save;
  }
}
