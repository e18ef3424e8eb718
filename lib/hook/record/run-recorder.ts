import { basename } from 'node:path';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { checkPath } from '../../error/check-path.js';
import { describeReceived } from '../../error/describe-received.js';
import { patientFileSystem } from '../../store/file/patient-file-system.js';
import type { FileSystem } from '../../store/file-system.js';
import { nodeProcessTable } from '../../store/lock/node-process-table.js';
import type { ProcessTable } from '../../store/lock/process-table.js';
import { nodeFileSystem } from '../../store/node-file-system.js';
import { expectTriggers } from '../../trigger/expect-triggers.js';
import type { Trigger } from '../../trigger/trigger.js';
import { type Hook, hook } from '../hook.js';
import { ActiveRecorder } from './active-recorder.js';

export interface RunRecorderOptions<O = unknown> {
  /** What the run is called. @default the name of the folder */
  readonly id?: string | undefined;
  /** How it was started. @default the command line of this process */
  readonly command?: string | undefined;
  /** Programs that it depends on, by name; Tidemark and Node are added. */
  readonly versions?: Readonly<Record<string, string>> | undefined;
  readonly seed?: string | number | undefined;
  /** Hyperparameters and settings. What is named like a secret is not written down. */
  readonly config?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** How many global steps there are to be, for progress and to tell a run that finished from one that was stopped. */
  readonly totalSteps?: number | undefined;
  /** Triggers by name, each firing of which is written down. */
  readonly triggers?: Readonly<Record<string, Trigger<O>>> | undefined;
  /** How often the record is replaced. @default 5 */
  readonly heartbeatSeconds?: number | undefined;
  /** @default the machine's */
  readonly fileSystem?: FileSystem | undefined;
  /** Who writes, and who lives. @default the machine's processes */
  readonly processes?: ProcessTable | undefined;
}

const OPTIONS: OptionNames<RunRecorderOptions<never>> = {
  id: true,
  command: true,
  versions: true,
  seed: true,
  config: true,
  totalSteps: true,
  triggers: true,
  heartbeatSeconds: true,
  fileSystem: true,
  processes: true,
};

/**
 * Writes down what happens in a run, into `run.json` and `run.events.ndjson` of a folder: steps as stretches of them,
 * holds, saves and their phases, what hooks tell and what they cost, recoveries, failures, and how it ended. A run that goes on in the
 * folder of an earlier one goes on with its record.
 *
 *     source               b-c-1-2-B--A-3-e-|
 *     runRecorder(folder)  b-c-1-2-B--A-3-e-|
 *
 * It hears of what stands before it, so it belongs at the end of the pipe. A step costs it some tens of nanoseconds; a
 * record that cannot be written, because the disk is full for one, is given up with a warning and stops no training.
 *
 * @param folder is made if it is not there
 * @throws TypeError, RangeError for wrong arguments
 * @throws StoreInUseError (when the run begins) if another process that lives has the record
 * @see docs/guide/dashboard.md
 */
export function runRecorder<O = unknown>(folder: string, options: RunRecorderOptions<O> = {}): Hook<never, O> {
  checkOptions('runRecorder(options)', options, OPTIONS);
  checkPath('runRecorder(folder)', folder);
  const { heartbeatSeconds = 5, totalSteps, triggers = {} } = options;
  const { fileSystem = nodeFileSystem, processes = nodeProcessTable } = options;
  if (!(heartbeatSeconds > 0 && heartbeatSeconds < Number.POSITIVE_INFINITY)) {
    throw new RangeError(
      `runRecorder(heartbeatSeconds): expected a positive number, received ${describeReceived(heartbeatSeconds)}`,
    );
  }
  if (totalSteps !== undefined && !(Number.isSafeInteger(totalSteps) && totalSteps >= 0)) {
    throw new RangeError(
      `runRecorder(totalSteps): expected a whole number from 0, received ${describeReceived(totalSteps)}`,
    );
  }
  if (Object.keys(triggers).length > 0) expectTriggers('runRecorder(triggers)', Object.values(triggers));
  const path = fileSystem.resolve(folder);
  return hook<never, O>(
    'runRecorder',
    () =>
      new ActiveRecorder<O>(path, {
        ...options,
        id: options.id ?? basename(path),
        heartbeatSeconds,
        triggers,
        fileSystem: patientFileSystem(fileSystem, path),
        processes,
      }),
  );
}
