import { defer, type Observable, of } from 'rxjs';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { checkPath } from '../error/check-path.js';
import { CheckpointNotFoundError } from '../error/checkpoint-not-found-error.js';
import { CorruptDataError } from '../error/corrupt-data-error.js';
import { StorageError } from '../error/storage-error.js';
import { checkPrefix, prefixesOf } from './checkpoint-name.js';
import type { CheckpointStore } from './checkpoint-store.js';
import { attemptName } from './file/attempt-name.js';
import { commitFiles } from './file/commit-files.js';
import { makeFolder } from './file/make-folder.js';
import { nativeCrc32c } from './file/native-crc32c.js';
import { openFiles } from './file/open-files.js';
import { patientFileSystem } from './file/patient-file-system.js';
import { quarantineFiles } from './file/quarantine-files.js';
import { readFully } from './file/read-fully.js';
import { removeFiles } from './file/remove-files.js';
import { replaceFile } from './file/replace-file.js';
import { sweepAttempts } from './file/sweep-attempts.js';
import type { FileSystem } from './file-system.js';
import { lockFolder } from './lock/lock-folder.js';
import { nodeProcessTable } from './lock/node-process-table.js';
import type { ProcessTable } from './lock/process-table.js';
import { nodeFileSystem } from './node-file-system.js';

const STATE_NAME = 'checkpoint';
const STATE_BYTES = 16 * 1024 * 1024;

export interface FileStoreOptions {
  /** Default: the machine's. */
  readonly fileSystem?: FileSystem | undefined;
  /** Who writes and who lives; default: the machine's processes. */
  readonly processes?: ProcessTable | undefined;
  /**
   * Lets {@link CheckpointStore.lock} take the folder over from a writer on another machine, which cannot be asked
   * whether it lives; default false. One that lives on this machine is never pushed aside.
   */
  readonly isForced?: boolean | undefined;
  /** Fails instead of making the folder: for a second store on a folder that a first one made; default false. */
  readonly isFolderRequired?: boolean | undefined;
}

const OPTIONS: OptionNames<FileStoreOptions> = {
  fileSystem: true,
  processes: true,
  isForced: true,
  isFolderRequired: true,
};

/**
 * Keeps checkpoints as files of one folder, in TensorFlow's flat layout, under a commit protocol that survives a power
 * cut at any instant.
 *
 * The folder is made, with those above it, by the first `lock`, `write` or `writeState`, and never again: if it
 * vanishes while the store is in use, that is a `StorageError` with the code `STORAGE_FOLDER_GONE`.
 *
 * @throws TypeError if `directory` is not a path
 * @see docs/formats/commit-protocol.md
 */
export function fileStore(directory: string, options: FileStoreOptions = {}): CheckpointStore {
  checkOptions('fileStore(options)', options, OPTIONS);
  checkPath('fileStore(directory)', directory);
  const { fileSystem = nodeFileSystem, processes = nodeProcessTable } = options;
  const { isForced = false, isFolderRequired = false } = options;
  const folder = fileSystem.resolve(directory);
  const fs = patientFileSystem(fileSystem, folder);
  const newName = (): string => attemptName(processes.self());
  let isMade = isFolderRequired;
  let expectedBytes = 0;

  const prepare = (): void => {
    if (!isMade) makeFolder(fs, folder);
    isMade = true;
  };
  /** Answers for a folder that nobody has made yet. */
  const ifThere = <T>(answer: () => T, empty: T): T => (!isMade && fs.stat(folder) === undefined ? empty : answer());

  return {
    location: folder,
    // Another thread knows only the machine's own file system.
    folder: fileSystem === nodeFileSystem ? folder : undefined,
    get crc32c() {
      return nativeCrc32c();
    },

    lock: () =>
      act(() => {
        prepare();
        const lock = lockFolder(fs, processes, folder, isForced);
        try {
          return { swept: sweepAttempts(fs, processes, folder), ...lock };
        } catch (error) {
          lock.release();
          throw error;
        }
      }),

    write(prefix, files) {
      checkPrefix('write', prefix);
      return act(() => {
        prepare();
        expectedBytes = commitFiles({ fs, path: folder, newName, expectedBytes }, prefix, files);
        return expectedBytes;
      });
    },

    list: (markers) => act(() => ifThere(() => prefixesOf(fs.readdir(folder), markers), [])),

    open(prefix) {
      checkPrefix('open', prefix);
      return act(() => {
        if (ifThere(() => false, true)) throw new CheckpointNotFoundError(prefix, folder);
        return openFiles(fs, folder, prefix);
      });
    },

    remove(prefixes, markers) {
      for (const prefix of prefixes) checkPrefix('remove', prefix);
      return act(() => ifThere(() => removeFiles(fs, folder, prefixes, markers), undefined));
    },

    readState: () => act(() => ifThere(() => readState(fs, folder), undefined)),

    writeState: (bytes) =>
      act(() => {
        prepare();
        replaceFile(fs, folder, STATE_NAME, `${folder}/${newName()}`, bytes);
      }),

    quarantine(prefix, markers) {
      checkPrefix('quarantine', prefix);
      return act(() => {
        if (ifThere(() => false, true)) throw new CheckpointNotFoundError(prefix, folder);
        quarantineFiles(fs, folder, prefix, markers);
      });
    },
  };
}

function act<T>(operation: () => T): Observable<T> {
  return defer(() => of(operation()));
}

function readState(fs: FileSystem, folder: string): Uint8Array | undefined {
  let file: number;
  try {
    file = fs.openRead(`${folder}/${STATE_NAME}`);
  } catch (error) {
    if (error instanceof StorageError && error.errno === 'ENOENT' && error.fault !== 'FOLDER_GONE') return undefined;
    throw error;
  }
  try {
    const sizeBytes = fs.sizeOf(file);
    if (sizeBytes === undefined) throw new CorruptDataError('checkpoint-state', STATE_NAME, 'it is not a file');
    if (sizeBytes > STATE_BYTES) {
      throw new CorruptDataError('checkpoint-state', STATE_NAME, `${sizeBytes} bytes, more than a state file can have`);
    }
    return readFully(fs, file, STATE_NAME, 0, sizeBytes);
  } finally {
    fs.close(file);
  }
}
