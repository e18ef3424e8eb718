import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StorageError } from '../../../lib/error/storage-error.js';
import { patientFileSystem } from '../../../lib/store/file/patient-file-system.js';
import type { FileSystem } from '../../../lib/store/file-system.js';
import { memoryFileSystem } from '../../../lib/testing/crash/memory-file-system.js';

const test = suite('patientFileSystem');

/** A file system of which one method fails `times` times with `errno`, and the pauses that were taken. */
function failing(name: 'openNew' | 'sync' | 'syncDir' | 'write', errno: string, times: number) {
  const memory = memoryFileSystem();
  memory.mkdir('/run');
  const file = memory.openNew('/run/a');
  const pauses: number[] = [];
  let calls = 0;
  const fault = (): never => {
    throw Object.assign(new Error(`${errno}: it fails`), { code: errno });
  };
  const fs: FileSystem = { ...memory, pause: (milliseconds) => void pauses.push(milliseconds) };
  const method = fs[name] as (...args: never[]) => unknown;
  const broken = { ...fs, [name]: (...args: never[]) => (calls++ < times ? fault() : method(...args)) };
  return { fs: patientFileSystem(broken, '/run'), file, pauses, calls: () => calls };
}

test('tries three times again to open when descriptors run out, with pauses', () => {
  for (const errno of ['EMFILE', 'ENFILE', 'EINTR', 'EAGAIN']) {
    const { fs, pauses } = failing('openNew', errno, 3);
    fs.close(fs.openNew('/run/b'));
    assert.equal(pauses, [10, 30, 90], errno);
  }
});

test('then says how to raise the limit', () => {
  const { fs, calls } = failing('openNew', 'EMFILE', 99);
  try {
    fs.openNew('/run/b');
    assert.unreachable();
  } catch (error) {
    assert.instance(error, StorageError);
    assert.is((error as StorageError).code, 'STORAGE_TOO_MANY_OPEN_FILES');
    assert.match((error as StorageError).hint ?? '', 'ulimit -n');
    assert.is(calls(), 4);
  }
});

test('never tries a sync again, and of a folder only its opening', () => {
  for (const errno of ['EIO', 'EINTR', 'EAGAIN', 'EMFILE']) {
    const { fs, file, calls } = failing('sync', errno, 1);
    assert.throws(() => fs.sync(file), errno);
    assert.is(calls(), 1, errno);
  }
  for (const errno of ['EIO', 'EINTR', 'EAGAIN']) {
    const { fs, calls } = failing('syncDir', errno, 1);
    assert.throws(() => fs.syncDir('/run'));
    assert.is(calls(), 1, errno);
  }
  failing('syncDir', 'EMFILE', 1).fs.syncDir('/run');
});

test('names each fault of the system', () => {
  const codes = {
    ENOSPC: 'STORAGE_NO_SPACE',
    EDQUOT: 'STORAGE_NO_SPACE',
    EROFS: 'STORAGE_READ_ONLY',
    EACCES: 'STORAGE_PERMISSION',
    EPERM: 'STORAGE_PERMISSION',
    ENFILE: 'STORAGE_TOO_MANY_OPEN_FILES',
    ENOTDIR: 'STORAGE_NOT_A_FOLDER',
    EFBIG: 'STORAGE_TOO_LARGE',
    EIO: 'STORAGE_IO',
    ESTALE: 'STORAGE_IO',
  };
  for (const [errno, code] of Object.entries(codes)) {
    const { fs, file } = failing('write', errno, 99);
    try {
      fs.write(file, new Uint8Array(1));
      assert.unreachable();
    } catch (error) {
      assert.is((error as StorageError).code, code);
      assert.is((error as StorageError).errno, errno);
      assert.match((error as Error).message, '/run');
    }
  }
});

test('passes on what is no fault of the system', () => {
  const fs = patientFileSystem(
    {
      ...memoryFileSystem(),
      readdir: () => {
        throw new TypeError('a mistake');
      },
    },
    '/',
  );
  assert.throws(
    () => fs.readdir('/'),
    (error: unknown) => error instanceof TypeError,
  );
});

test.run();
