import { checkMethods } from '../../error/check-methods.js';
import { makeFolder } from '../../store/file/make-folder.js';
import { readFully } from '../../store/file/read-fully.js';
import { replaceFile } from '../../store/file/replace-file.js';
import { writeFully } from '../../store/file/write-fully.js';
import { errnoOf, type FileSystem } from '../../store/file-system.js';
import {
  decodeRunRecord,
  encodeRunRecord,
  MAX_RUN_RECORD_BYTES,
  RUN_RECORD_NAME,
  type RunRecord,
} from './run-record.js';

const EVENT_FILE = /^run\.events(?:\.([1-9]\d{0,5}))?\.ndjson$/;

/** The event files among the names in a run's folder, in the order in which processes wrote them. */
export function eventFilesAmong(names: readonly string[]): readonly string[] {
  checkMethods('eventFilesAmong(names)', 'a list of names', names, ['flatMap']);
  const numbered = names.flatMap((name) => {
    const number = numberOf(name);
    return number === undefined ? [] : [{ name, number }];
  });
  return numbered.sort((a, b) => a.number - b.number).map(({ name }) => name);
}

function numberOf(name: string): number | undefined {
  const match = EVENT_FILE.exec(name);
  return match === null ? undefined : Number(match[1] ?? 1);
}

/**
 * Reads the record in a folder; `undefined` if there is none.
 *
 * @throws CorruptDataError if it is damaged
 */
export function readRunFile(fs: FileSystem, folder: string): RunRecord | undefined {
  const path = `${folder}/${RUN_RECORD_NAME}`;
  if (fs.stat(path) !== 'file') return undefined;
  const file = fs.openRead(path);
  try {
    // One byte more than is believed, so that the decoder refuses what is too long.
    const sizeBytes = Math.min(fs.sizeOf(file) ?? 0, MAX_RUN_RECORD_BYTES + 1);
    return decodeRunRecord(readFully(fs, file, RUN_RECORD_NAME, 0, sizeBytes), RUN_RECORD_NAME);
  } finally {
    fs.close(file);
  }
}

/** Writes the files of a run: events at the end of a file of its own, the record as a whole. */
export class RunFiles {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #file: number;
  /** The name of the event file. */
  readonly events: string;

  /** Makes the folder, and the event file that comes next in it. */
  constructor(fs: FileSystem, folder: string) {
    makeFolder(fs, folder);
    const last = Math.max(0, ...fs.readdir(folder).map((name) => numberOf(name) ?? 0));
    let opened: { readonly name: string; readonly file: number } | undefined;
    for (let number = last + 1; opened === undefined; number++) {
      const name = number === 1 ? 'run.events.ndjson' : `run.events.${number}.ndjson`;
      try {
        opened = { name, file: fs.openNew(`${folder}/${name}`) };
      } catch (error) {
        // Another process was quicker.
        if (errnoOf(error) !== 'EEXIST' || number > last + 100) throw error;
      }
    }
    this.#fs = fs;
    this.#folder = folder;
    this.#file = opened.file;
    this.events = opened.name;
  }

  append(lines: string): void {
    writeFully(this.#fs, this.#file, new TextEncoder().encode(lines), this.events);
  }

  /** Replaces the record, atomically and durably. */
  replaceRecord(record: RunRecord, token: string): void {
    replaceFile(this.#fs, this.#folder, RUN_RECORD_NAME, `${this.#folder}/.run.json.${token}`, encodeRunRecord(record));
  }

  /** Makes the events durable, and lets go of the file. */
  close(): void {
    try {
      this.#fs.sync(this.#file);
    } finally {
      this.#fs.close(this.#file);
    }
  }
}
