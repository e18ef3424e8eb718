import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { checkPath } from '../../error/check-path.js';
import { CodedError } from '../../error/coded-error.js';
import type { FileSystem } from '../../store/file-system.js';
import { nodeProcessTable } from '../../store/lock/node-process-table.js';
import type { ProcessTable } from '../../store/lock/process-table.js';
import { nodeFileSystem } from '../../store/node-file-system.js';
import { EventLogReader } from './event-log-reader.js';
import type { RecordedEvent } from './recorded-event.js';
import { eventFilesAmong, readRunFile } from './run-files.js';
import type { RunRecord } from './run-record.js';
import { type RunState, runStateOf } from './run-state.js';

export interface ReadRunOptions {
  /** @default the machine's */
  readonly fileSystem?: FileSystem | undefined;
  /** Who lives. @default the machine's processes */
  readonly processes?: ProcessTable | undefined;
}

const OPTIONS: OptionNames<ReadRunOptions> = { fileSystem: true, processes: true };

/** A run as its record tells it, and how it stands. */
export interface RunSummary {
  readonly record: RunRecord;
  readonly state: RunState;
}

/** What was recorded of a run. */
export interface RecordedRun {
  /** `undefined` if there is no record, or it is damaged. */
  readonly summary: RunSummary | undefined;
  /** Of each process that worked on the run, in order. */
  readonly logs: readonly EventLog[];
  /** What was damaged, in words; the rest was read all the same. */
  readonly faults: readonly string[];
}

/** The events of one process, in order. */
export interface EventLog {
  /** The file. */
  readonly name: string;
  readonly events: readonly RecordedEvent[];
}

/**
 * The record in a folder; `undefined` if there is none. Writes nothing and takes no lock.
 *
 * @throws CorruptDataError if it is damaged
 */
export function readRunRecord(folder: string, options: ReadRunOptions = {}): RunSummary | undefined {
  checkPath('readRunRecord(folder)', folder);
  checkOptions('readRunRecord(options)', options, OPTIONS);
  const { fileSystem = nodeFileSystem, processes = nodeProcessTable } = options;
  const record = readRunFile(fileSystem, fileSystem.resolve(folder));
  return record === undefined ? undefined : { record, state: runStateOf(record, processes) };
}

/** All that was recorded in a folder. Damage is told, and what is whole around it is read; a cut last line is none. */
export function readRecordedRun(folder: string, options: ReadRunOptions = {}): RecordedRun {
  checkPath('readRecordedRun(folder)', folder);
  checkOptions('readRecordedRun(options)', options, OPTIONS);
  const { fileSystem = nodeFileSystem } = options;
  const path = fileSystem.resolve(folder);
  const faults: string[] = [];
  let summary: RunSummary | undefined;
  try {
    summary = readRunRecord(path, options);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    faults.push(error.message);
  }
  const names = fileSystem.stat(path) === 'folder' ? eventFilesAmong(fileSystem.readdir(path)) : [];
  const logs = names.map((name) => {
    const reader = new EventLogReader(fileSystem, path, name);
    const events: RecordedEvent[] = [];
    for (let more = reader.read(); more.length > 0; more = reader.read()) for (const event of more) events.push(event);
    faults.push(...reader.faults);
    return { name, events };
  });
  return { summary, logs, faults };
}
