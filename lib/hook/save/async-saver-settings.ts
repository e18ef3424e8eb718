import type { Observable } from 'rxjs';
import type { BackgroundWriter } from '../../checkpoint/background/background-writer.js';
import type { SaveRetries } from '../../checkpoint/background/save-queue.js';
import type { CheckpointListener } from '../../checkpoint/checkpoint-listener.js';
import type { Retention } from '../../checkpoint/retention/retention.js';
import type { Trigger } from '../../trigger/trigger.js';

/** The options of an `asyncCheckpointSaver`, checked and complete. */
export interface AsyncSaverSettings<O> {
  readonly trigger: Trigger<O>;
  readonly listeners: readonly CheckpointListener[];
  readonly overlap: 'latest' | 'skip' | 'wait';
  readonly retries: SaveRetries;
  /** Whether a save that failed for good fails the run. */
  readonly failsRun: boolean;
  readonly retention: Retention | undefined;
  readonly open: () => Observable<BackgroundWriter>;
}
