import { defer, of } from 'rxjs';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { checkPath } from '../../error/check-path.js';
import { attemptName } from '../../store/file/attempt-name.js';
import { makeFolder } from '../../store/file/make-folder.js';
import { patientFileSystem } from '../../store/file/patient-file-system.js';
import { replaceFile } from '../../store/file/replace-file.js';
import type { FileSystem } from '../../store/file-system.js';
import { nodeProcessTable } from '../../store/lock/node-process-table.js';
import { nodeFileSystem } from '../../store/node-file-system.js';
import type { ProfileSink } from './profile-sink.js';

export interface ProfileFolderOptions {
  /** @default the machine's */
  readonly fileSystem?: FileSystem | undefined;
}

const OPTIONS: OptionNames<ProfileFolderOptions> = { fileSystem: true };

/**
 * Keeps profiles as files of a folder, which is made with the first of them. A file is there whole or not at all.
 *
 * @throws TypeError if `folder` is not a path
 */
export function profileFolder(folder: string, options: ProfileFolderOptions = {}): ProfileSink {
  checkOptions('profileFolder(options)', options, OPTIONS);
  checkPath('profileFolder(folder)', folder);
  const { fileSystem = nodeFileSystem } = options;
  const path = fileSystem.resolve(folder);
  const fs = patientFileSystem(fileSystem, path);
  return {
    write: (name, text) =>
      defer(() => {
        makeFolder(fs, path);
        const temporary = `${path}/${attemptName(nodeProcessTable.self())}`;
        replaceFile(fs, path, name, temporary, new TextEncoder().encode(text));
        return of(undefined);
      }),
  };
}
