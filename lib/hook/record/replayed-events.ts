import {
  AfterSaveEvent,
  BeforeSaveEvent,
  CheckpointDeletedEvent,
  type SaveCause,
  type SaveControl,
  SaveFailedEvent,
  SaveProgressEvent,
  SaveSkippedEvent,
  SnapshotTakenEvent,
} from '../../checkpoint/checkpoint-event.js';
import { RecordedRunError } from '../../error/recorded-run-error.js';
import type { Controls } from '../../session/controls.js';
import {
  type AnyEvent,
  BeforeStepEvent,
  BeginEvent,
  EndEvent,
  SessionCreatedEvent,
  StepEvent,
} from '../../session/event.js';
import { HookEvent } from '../../session/hook-event.js';
import type { SessionState } from '../../session/scaffold.js';
import type { EventLog } from './read-run.js';
import type { RecordedEvent, RecordedSteps } from './recorded-event.js';

/** An event of another hook, as far as it was recorded: its numbers and texts. */
export class ReplayedHookEvent extends HookEvent {
  /** @param type what the hook called it, e.g. `stepRate` */
  constructor(
    readonly type: string,
    readonly globalStep: number,
    readonly data: ReadonlyMap<string, number | string>,
  ) {
    super();
  }
}

/** An event, or the error that ended the run, and its time in milliseconds. */
export interface TimedEvent {
  readonly at: number;
  readonly event?: AnyEvent | undefined;
  readonly error?: RecordedRunError | undefined;
}

/** What a log tells, as the events of a session: two for every step. */
export function* replayedEvents(
  log: EventLog,
  controls: Controls<SessionState, unknown>,
): Generator<TimedEvent, void, undefined> {
  yield { at: 0, event: new BeginEvent(controls) };
  const metricsOf = new Map<number, ReadonlyMap<string, number>>();
  let step = 0;
  for (const event of log.events) {
    if (event.kind === 'steps') {
      if (event.metrics !== undefined) metricsOf.set(event.to, event.metrics);
      yield* stepsIn(event, controls);
      step = event.to;
      continue;
    }
    if (event.kind === 'failed') {
      yield { at: event.t, error: new RecordedRunError(event.error) };
      return;
    }
    if ('step' in event) step = event.step;
    const replayed = eventOf(event, step, controls, metricsOf);
    if (replayed !== undefined) yield { at: event.t, event: replayed };
  }
}

function* stepsIn(block: RecordedSteps, controls: Controls<SessionState, unknown>): Generator<TimedEvent> {
  const { since, t, from, to, count, metrics } = block;
  const outputs: unknown = metrics === undefined ? undefined : Object.fromEntries(metrics);
  let before = from;
  for (let k = 1; k <= count; k++) {
    const after = from + Math.round((k * (to - from)) / count);
    const begin = since + ((k - 1) * (t - since)) / count;
    yield { at: begin, event: new BeforeStepEvent(controls, {}, before) };
    controls.globalStep = after;
    yield { at: since + (k * (t - since)) / count, event: new StepEvent(controls, {}, after, before, outputs) };
    before = after;
  }
}

function eventOf(
  event: RecordedEvent,
  step: number,
  controls: Controls<SessionState, unknown>,
  metricsOf: ReadonlyMap<number, ReadonlyMap<string, number>>,
): AnyEvent | undefined {
  const save: SaveControl = {
    moment: controls.moment,
    requestStop: (why) => controls.requestStop(why),
    skip: () => {},
  };
  switch (event.kind) {
    case 'sessionCreated': {
      const restored =
        event.restored === undefined ? undefined : { prefix: event.restored, globalStep: step, skipped: [] };
      const error = event.error === undefined ? undefined : new RecordedRunError(event.error);
      controls.globalStep = step;
      return new SessionCreatedEvent(controls, {}, step, event.attempt, restored, error);
    }
    case 'end': {
      const cause = event.cause === 'inputExhausted' ? 'inputExhausted' : 'stopRequested';
      return new EndEvent(controls, {}, step, cause, event.reason);
    }
    case 'hookEvent':
      return new ReplayedHookEvent(event.type, step, event.data ?? new Map());
    case 'beforeSave':
      return new BeforeSaveEvent(save, step, event.cause as SaveCause);
    case 'snapshotTaken':
      return new SnapshotTakenEvent(save, step, event.sizeBytes, event.stallMs / 1000);
    case 'saveProgress':
      return new SaveProgressEvent(save, step, event.writtenBytes, event.sizeBytes, event.ms / 1000);
    case 'afterSave': {
      const { prefix, sizeBytes, ms } = event;
      const metrics = metricsOf.get(step) ?? new Map<string, number>();
      return new AfterSaveEvent(
        save,
        step,
        { prefix, globalStep: step, savedAt: 0, sizeBytes, metrics, parent: undefined },
        ms / 1000,
      );
    }
    case 'saveFailed':
      return new SaveFailedEvent(save, step, new RecordedRunError(event.error));
    case 'saveSkipped':
      return new SaveSkippedEvent(save, step, event.reason);
    case 'checkpointDeleted':
      return new CheckpointDeletedEvent(save, step, {
        prefix: event.prefix,
        globalStep: event.checkpointStep,
        savedAt: 0,
        sizeBytes: 0,
        metrics: new Map(),
        parent: undefined,
      });
    default:
      // Holds, stalls and firings are what hooks did, not what they were told.
      return undefined;
  }
}
