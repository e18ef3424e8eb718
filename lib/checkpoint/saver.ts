import type { Observable } from 'rxjs';
import type { RestoredFrom } from '../session/restore-source.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';
import type { BackgroundWriter } from './background/background-writer.js';
import type { Checkpoint } from './checkpoint.js';
import type { Retention } from './retention/retention.js';
import type { WriteProgress } from './write-progress.js';

/** Turns state into checkpoints. */
export interface Saver {
  /** Where it saves to, for messages. */
  readonly location: string;

  /** What stays of what it saves, for who tells why a checkpoint is kept. */
  readonly retention?: Retention | undefined;

  /**
   * Opens the saver for one run: it has the place for itself until it is closed.
   *
   * @throws StoreInUseError if another run has it
   */
  open(): Observable<OpenSaver>;

  /**
   * As {@link open}, for saves that go on while the run trains; `undefined` where that cannot be.
   *
   * @param copies how many copies of the state may be held at once
   * @throws SaveWorkerError if the thread that is to save cannot be started
   */
  readonly openBackground?: ((copies: 1 | 2) => Observable<BackgroundWriter>) | undefined;
}

/** A saver for one run. All methods are cold. */
export interface OpenSaver {
  /** Whether the state at this step is committed. */
  has(globalStep: number): boolean;

  /**
   * Prepares for a run that goes on from `restored`, or starts afresh: checkpoints that lie after it are of another
   * future and are set aside, never to be picked up.
   *
   * @throws CheckpointExistsError if the run starts afresh, but there are checkpoints of another one
   */
  startFrom(restored: RestoredFrom | undefined): Observable<void>;

  /** Writes a checkpoint; may emit how far it is, any number of times; lastly emits the checkpoint when it is durable. */
  save(snapshot: StateSnapshot, metrics: ReadonlyMap<string, number>): Observable<WriteProgress | Checkpoint>;

  /** Deletes what is not to be kept; emits each checkpoint that is gone. */
  retain(): Observable<Checkpoint>;

  /** Lets go of the place. May be called more than once. */
  close(): void;
}
