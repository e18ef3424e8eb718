import type { ObservableInput } from 'rxjs';
import { HookEvent } from '../session/hook-event.js';
import type { Moment } from '../session/moment.js';
import type { Checkpoint } from './checkpoint.js';
import type { Retention } from './retention/retention.js';

/**
 * What a saver tells of its saves:
 *
 *     beforeSave - (snapshotTaken - saveProgress* -)? ( afterSave - checkpointDeleted* | saveFailed )
 *     beforeSave - saveSkipped                                                         if a listener vetoes
 *
 * `afterSave` means durable: a crash right after it loses nothing.
 */
export type CheckpointEvent =
  | BeforeSaveEvent
  | SnapshotTakenEvent
  | SaveProgressEvent
  | AfterSaveEvent
  | SaveFailedEvent
  | SaveSkippedEvent
  | CheckpointDeletedEvent;

/** The types of checkpoint events. */
export const CHECKPOINT_EVENTS = [
  'beforeSave',
  'snapshotTaken',
  'saveProgress',
  'afterSave',
  'saveFailed',
  'saveSkipped',
  'checkpointDeleted',
] as const satisfies readonly CheckpointEvent['type'][];

/** Why a save is made. */
export type SaveCause = 'sessionCreated' | 'trigger' | 'end';

/** What a saver offers to its events. */
export interface SaveControl {
  readonly moment: Moment;
  /** What stays of what is saved, where that is known. */
  readonly retention?: Retention | undefined;
  requestStop(reason: string): void;
  /** Vetoes the save that is about to begin. */
  skip(reason: string): void;
}

abstract class SavePhaseEvent extends HookEvent {
  abstract override readonly type: CheckpointEvent['type'];
  protected readonly control: SaveControl;

  constructor(control: SaveControl) {
    super();
    this.control = control;
    // Not a part of what the event says: kept out of comparisons and of JSON.
    Object.defineProperty(this, 'control', { enumerable: false });
  }

  /**
   * Holds the save: it goes no further until `work` completes. An error of `work` fails the save.
   *
   * @throws EventPassedError if the event's moment is over
   */
  waitUntil(work: ObservableInput<unknown>): void {
    this.control.moment.check(this, 'waitUntil');
    this.control.moment.hold(work);
  }

  /** Asks for the run to end. */
  requestStop(reason: string): void {
    this.control.requestStop(reason);
  }
}

/** Before the state is taken. */
export class BeforeSaveEvent extends SavePhaseEvent {
  readonly type = 'beforeSave';

  constructor(
    control: SaveControl,
    readonly globalStep: number,
    readonly cause: SaveCause,
  ) {
    super(control);
  }

  /**
   * Vetoes this save; the step stays due.
   *
   * @throws EventPassedError if the event's moment is over
   */
  skip(reason: string): void {
    this.control.moment.check(this, 'skip');
    this.control.skip(reason);
  }
}

/** When the state is copied and the loop may go on: only where saves are written in the background. */
export class SnapshotTakenEvent extends SavePhaseEvent {
  readonly type = 'snapshotTaken';

  /** @param stallSeconds for how long the loop was held */
  constructor(
    control: SaveControl,
    readonly globalStep: number,
    readonly sizeBytes: number,
    readonly stallSeconds: number,
  ) {
    super(control);
  }
}

/**
 * When a tenth more of a state is written, lastly when all of it is and the disk has to sync it: only where a thread
 * saves. What is held then holds `afterSave` and the next save, not the writing.
 */
export class SaveProgressEvent extends SavePhaseEvent {
  readonly type = 'saveProgress';

  /**
   * @param writtenBytes of all files so far
   * @param sizeBytes of the state; the files hold some bytes more
   * @param seconds from the beginning of the save
   */
  constructor(
    control: SaveControl,
    readonly globalStep: number,
    readonly writtenBytes: number,
    readonly sizeBytes: number,
    readonly seconds: number,
  ) {
    super(control);
  }
}

/** When the checkpoint is durable. */
export class AfterSaveEvent extends SavePhaseEvent {
  readonly type = 'afterSave';

  /** @param seconds from the beginning of the save */
  constructor(
    control: SaveControl,
    readonly globalStep: number,
    readonly checkpoint: Checkpoint,
    readonly seconds: number,
  ) {
    super(control);
  }

  /** What stays of what is saved, where the saver says so. */
  get retention(): Retention | undefined {
    return this.control.retention;
  }
}

/** When a save failed. The step stays due, and what was saved before is unharmed. */
export class SaveFailedEvent extends SavePhaseEvent {
  readonly type = 'saveFailed';

  constructor(
    control: SaveControl,
    readonly globalStep: number,
    readonly error: unknown,
  ) {
    super(control);
  }
}

/** When a save was not made. The step stays due. */
export class SaveSkippedEvent extends SavePhaseEvent {
  readonly type = 'saveSkipped';

  constructor(
    control: SaveControl,
    readonly globalStep: number,
    readonly reason: string,
  ) {
    super(control);
  }
}

/** When retention let a checkpoint go, after the save that made it superfluous. */
export class CheckpointDeletedEvent extends SavePhaseEvent {
  readonly type = 'checkpointDeleted';

  constructor(
    control: SaveControl,
    readonly globalStep: number,
    readonly checkpoint: Checkpoint,
  ) {
    super(control);
  }
}
