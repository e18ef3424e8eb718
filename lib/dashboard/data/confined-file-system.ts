import * as fs from 'node:fs';
import { resolve, sep } from 'node:path';
import { type FileSystem, nodeFileSystem } from '../../node.js';

/**
 * A file system that shows one folder and what lies in it, and changes nothing. Links are followed only to places
 * inside; what a path led to is looked at again when it is open, so that a link which is changed in between leads
 * nowhere.
 *
 * @param root an existing folder
 */
export function confinedFileSystem(root: string): FileSystem {
  const realRoot = fs.realpathSync(root);
  const within = (path: string): string => {
    const real = fs.realpathSync(path);
    if (real !== realRoot && !real.startsWith(realRoot.endsWith(sep) ? realRoot : `${realRoot}${sep}`)) throw outside();
    return real;
  };
  const tried = <T>(path: string, ask: (real: string) => T): T | undefined => {
    try {
      return ask(within(path));
    } catch {
      // Nothing there, or nothing that is shown here: both are told as nothing.
      return undefined;
    }
  };
  return {
    ...nodeFileSystem,
    openRead(path) {
      const file = nodeFileSystem.openRead(within(path));
      try {
        const opened = fs.fstatSync(file, { bigint: true });
        const now = fs.statSync(within(path), { bigint: true });
        if (opened.dev !== now.dev || opened.ino !== now.ino) throw outside();
        if (!opened.isFile()) throw outside();
        return file;
      } catch (error) {
        fs.closeSync(file);
        throw error;
      }
    },
    readdir: (path) => nodeFileSystem.readdir(within(path)),
    stat: (path) => tried(path, (real) => nodeFileSystem.stat(real)),
    identityOf: (path) => tried(path, (real) => nodeFileSystem.identityOf(real)),
    resolve: (path) => resolve(realRoot, path),
    openNew: readOnly,
    write: readOnly,
    sync: readOnly,
    rename: readOnly,
    unlink: readOnly,
    mkdir: readOnly,
    syncDir: readOnly,
    hold: () => 'unsupported',
  };
}

function outside(): Error {
  return Object.assign(new Error('EACCES: outside of the folder that is shown'), { code: 'EACCES' });
}

function readOnly(): never {
  throw Object.assign(new Error('EROFS: the dashboard writes nothing'), { code: 'EROFS' });
}
