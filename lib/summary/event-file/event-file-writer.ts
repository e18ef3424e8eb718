import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { checkPath } from '../../error/check-path.js';
import { describeReceived } from '../../error/describe-received.js';
import { patientFileSystem } from '../../store/file/patient-file-system.js';
import type { FileSystem } from '../../store/file-system.js';
import { nodeProcessTable } from '../../store/lock/node-process-table.js';
import type { ProcessTable } from '../../store/lock/process-table.js';
import { nodeFileSystem } from '../../store/node-file-system.js';
import { sharedSink } from '../shared-sink.js';
import type { SummarySink } from '../summary-sink.js';
import { type EventBufferOptions, eventBufferOptions } from './event-buffer-options.js';
import { EventFile } from './event-file.js';
import { EventLog } from './event-log.js';

export interface EventFileWriterOptions extends EventBufferOptions {
  /** Ends the names of the files. @default '.v2', as TensorFlow 2 */
  readonly suffix?: string | undefined;
  /** Default: the machine's. */
  readonly fileSystem?: FileSystem | undefined;
  /** Who writes and who lives; default: the machine's processes. */
  readonly processes?: ProcessTable | undefined;
}

const OPTIONS: OptionNames<EventFileWriterOptions> = {
  flushSeconds: true,
  flushBytes: true,
  maxBufferedBytes: true,
  wallClock: true,
  suffix: true,
  fileSystem: true,
  processes: true,
};

/**
 * Writes event files for TensorBoard into the folder of one run. Folders beside each other, such as `logs/train` and
 * `logs/eval`, are shown as runs of their own.
 *
 * A run opens a file of its own and never appends to another's, so that nothing can come behind a record that was cut.
 * It begins with the version of the format and a mark at the step from which the run goes on, by which readers drop what
 * an earlier run wrote of a future that did not happen. Killed at any instant, a file holds every record that was
 * flushed, and at most a part of the one after them.
 *
 * The folder is made when a run opens it, has one writer at a time, and may be that of the checkpoints.
 *
 * @throws TypeError, RangeError for wrong arguments
 * @see docs/guide/summaries.md
 */
export function eventFileWriter(directory: string, options: EventFileWriterOptions = {}): SummarySink {
  checkOptions('eventFileWriter(options)', options, OPTIONS);
  checkPath('eventFileWriter(directory)', directory);
  const { suffix = '.v2', fileSystem = nodeFileSystem, processes = nodeProcessTable } = options;
  if (!/^[\w.-]*$/.test(suffix)) {
    throw new RangeError(
      `eventFileWriter(suffix): expected letters, digits, "." and "-", received ${describeReceived(suffix)}`,
    );
  }
  const buffer = eventBufferOptions('eventFileWriter', options);
  const folder = fileSystem.resolve(directory);
  const fs = patientFileSystem(fileSystem, folder);
  return sharedSink(folder, (run) => {
    const target = new EventFile(fs, folder, { processes, suffix, wallTime: buffer.wallTime });
    try {
      return new EventLog(target, run, { location: folder, ...buffer });
    } catch (error) {
      target.close();
      throw error;
    }
  });
}
