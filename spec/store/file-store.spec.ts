import * as fs from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Observable } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { StorageError } from '../../lib/error/storage-error.js';
import { StoreInUseError } from '../../lib/error/store-in-use-error.js';
import { fileStore } from '../../lib/store/file-store.js';
import { nodeFileSystem } from '../../lib/store/node-file-system.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { fakeProcessTable } from '../../lib/testing/crash/fake-process-table.js';
import { memoryFileSystem } from '../../lib/testing/crash/memory-file-system.js';
import { recordingFileSystem } from '../../lib/testing/crash/recording-file-system.js';
import { storeLaws } from '../../lib/testing/store-laws.js';
import { checkpointFiles } from '../testing/crash/checkpoint-files.js';
import { temporaryFolder } from './temporary-folder.js';

const markers = ['.index'];

const onDisk = suite('fileStore on the machine');
storeLaws({
  test: onDisk,
  factory: () => {
    const { path, dispose } = temporaryFolder();
    return { store: fileStore(join(path, 'deep', 'run')), another: fileStore(join(path, 'deep', 'run')), dispose };
  },
});
onDisk.run();

const inMemory = suite('fileStore in memory');
storeLaws({
  test: inMemory,
  factory: () => {
    const options = { fileSystem: memoryFileSystem(), processes: fakeProcessTable() };
    return { store: fileStore('/run', options), another: fileStore('/run', options) };
  },
});
inMemory.run();

const test = suite('fileStore');

/** Runs `body` with a store in a new folder of the machine's. */
const inFolder = (body: (path: string) => void) => () => {
  const { path, dispose } = temporaryFolder();
  try {
    body(path);
  } finally {
    dispose();
  }
};

const failureOf = (call: () => unknown): StorageError => {
  try {
    call();
  } catch (error) {
    if (error instanceof StorageError) return error;
    throw error;
  }
  return assert.unreachable('it did not fail') as never;
};

test('keeps the order of the commit protocol', () => {
  const fileSystem = recordingFileSystem(memoryFileSystem());
  const store = fileStore('/run', { fileSystem, processes: fakeProcessTable() });
  answerOf(store.list(markers));
  answerOf(store.writeState(new Uint8Array()));
  const before = fileSystem.calls.length;
  answerOf(store.write('m', checkpointFiles('m', 'w', 2)));
  answerOf(store.remove(['m'], markers));

  const names = new Map<string, string>();
  const short = (path: string): string => {
    if (!path.includes('.tidemark-')) return path.replace('/run/m', '');
    if (!names.has(path)) names.set(path, `tmp${names.size + 1}`);
    return names.get(path) ?? '';
  };
  const calls = fileSystem.calls
    .slice(before)
    .map(([operation, ...paths]) => [operation, ...paths.map(short)].join(' '));
  assert.equal(
    calls.filter((call) => !call.startsWith('write ')),
    [
      'openNew tmp1',
      'sync tmp1',
      'close tmp1',
      'openNew tmp2',
      'sync tmp2',
      'close tmp2',
      'openNew tmp3',
      'sync tmp3',
      'close tmp3',
      'stat .index',
      'rename tmp1 .data-00000-of-00002',
      'rename tmp2 .data-00001-of-00002',
      'syncDir /run',
      'rename tmp3 .index',
      'syncDir /run',
      'readdir /run',
      'unlink .index',
      'syncDir /run',
      'unlink .data-00000-of-00002',
      'unlink .data-00001-of-00002',
    ],
  );
});

test(
  'leaves files of others alone',
  inFolder((path) => {
    const foreign = ['m-1.txt', 'm-1.meta', 'm-1.index.bak', 'm-10.index', '.tidemark-notes.tmp', 'notes', 'm-1'];
    for (const name of foreign) fs.writeFileSync(join(path, name), name);
    const store = fileStore(path);
    answerOf(store.lock()).release();
    answerOf(store.write('m-1', checkpointFiles('m-1')));
    assert.is(answerOf(store.open('m-1')).files.size, 2);
    answerOf(store.quarantine('m-1', markers));
    answerOf(store.write('m-1', checkpointFiles('m-1')));
    answerOf(store.remove(['m-1'], markers));

    const left = fs.readdirSync(path).filter((name) => !name.includes('.quarantined'));
    assert.equal(left.sort(), [...foreign].sort());
    for (const name of foreign) assert.is(fs.readFileSync(join(path, name), 'utf8'), name);
  }),
);

test(
  'replaces what an attempt left without its marker',
  inFolder((path) => {
    fs.writeFileSync(join(path, 'm-1.data-00000-of-00001'), 'half of it');
    const store = fileStore(path);
    assert.equal(answerOf(store.list(markers)), []);
    answerOf(store.write('m-1', checkpointFiles('m-1', 'all of it')));
    assert.is(fs.readFileSync(join(path, 'm-1.data-00000-of-00001'), 'utf8'), 'all of it');
  }),
);

test(
  'removes links, not what they lead to, and neither waits for a pipe nor takes a folder for a file',
  inFolder((path) => {
    const outside = join(path, 'outside');
    const run = join(path, 'run');
    fs.mkdirSync(run);
    fs.writeFileSync(outside, 'precious');
    fs.symlinkSync(outside, join(run, 'm-1.index'));
    fs.mkdirSync(join(run, 'm-2.index'));
    fs.mkdirSync(join(run, 'checkpoint'));
    const store = fileStore(run);
    answerOf(store.remove(['m-1'], markers));
    assert.is(fs.readFileSync(outside, 'utf8'), 'precious');
    assert.match(failureOf(() => answerOf(store.open('m-2'))).message, 'is not a file');
    assert.throws(() => answerOf(store.readState()), /checkpoint-state: it is not a file/);
  }),
);

test(
  'refuses a state file that is larger than one can be',
  inFolder((path) => {
    fs.writeFileSync(join(path, 'checkpoint'), '');
    fs.truncateSync(join(path, 'checkpoint'), 20_000_000);
    assert.throws(() => answerOf(fileStore(path).readState()), /20000000 bytes, more than a state file can have/);
  }),
);

test(
  'reads from removed files, and says so if one became shorter',
  inFolder((path) => {
    const store = fileStore(path);
    answerOf(store.write('m', checkpointFiles('m', 'abcdefgh')));
    const opened = answerOf(store.open('m'));
    const data = opened.files.get('.data-00000-of-00001') ?? assert.unreachable();
    fs.truncateSync(join(path, 'm.data-00000-of-00001'), 4);
    assert.throws(() => data?.read(0, 8), /it became shorter/);
    assert.throws(() => data?.read(0, 9), /expected a range within 8 bytes/);
    opened.close();
  }),
);

test(
  'says what is wrong with the place',
  inFolder((path) => {
    const file = join(path, 'a.txt');
    fs.writeFileSync(file, '');
    fs.symlinkSync(join(path, 'nowhere'), join(path, 'dangling'));
    fs.symlinkSync(join(path, 'loop'), join(path, 'loop'));
    const write = (place: string) => () => answerOf(fileStore(place).write('m', checkpointFiles('m')));

    assert.match(failureOf(write(file)).message, /a\.txt: is not a folder/);
    assert.is(failureOf(write(join(file, 'run'))).code, 'STORAGE_NOT_A_FOLDER');
    assert.match(failureOf(write(join(path, 'dangling'))).message, /link that leads nowhere \(ENOENT\)/);
    assert.match(failureOf(write(join(path, 'loop'))).message, /ELOOP/);
    assert.throws(() => fileStore(''), /fileStore\(directory\): expected a path/);
  }),
);

test(
  'does not make a folder again that has vanished',
  inFolder((path) => {
    const run = join(path, 'run');
    const store = fileStore(run);
    answerOf(store.write('m-1', checkpointFiles('m-1')));
    fs.renameSync(run, join(path, 'elsewhere'));
    const calls: (() => Observable<unknown>)[] = [
      () => store.write('m-2', checkpointFiles('m-2')),
      () => store.writeState(new Uint8Array()),
      () => store.list(markers),
      () => store.readState(),
      () => fileStore(run, { isFolderRequired: true }).write('m-2', checkpointFiles('m-2')),
    ];
    for (const call of calls) assert.match(failureOf(() => answerOf(call())).message, /folder .*run is gone/);
    assert.equal(fs.readdirSync(path), ['elsewhere']);
  }),
);

test('says how much a full disk lacks', () => {
  const space = { freeBytes: 2_000_000, freeFiles: 5 };
  const write = (): number => {
    throw Object.assign(new Error('no'), { code: 'ENOSPC' });
  };
  const memory = memoryFileSystem();
  let isFull = false;
  const fileSystem = {
    ...memory,
    space: () => space,
    write: (file: number, bytes: Uint8Array) => (isFull ? write() : memory.write(file, bytes)),
  };
  const store = fileStore('/run', { fileSystem, processes: fakeProcessTable() });
  answerOf(store.write('m-1', checkpointFiles('m-1', 'x'.repeat(1_000_000))));
  isFull = true;
  const error = failureOf(() => answerOf(store.write('m-2', checkpointFiles('m-2'))));
  assert.is(error.message, 'no space left in /run: needs about 2.0 MB, 2.0 MB free');
  assert.is(error.code, 'STORAGE_NO_SPACE');
  assert.equal(
    memory.readdir('/run').filter((name) => name.startsWith('.')),
    [],
  );
});

test(
  'lets a second lock through only when the first is released, whatever path leads there',
  inFolder((path) => {
    const run = join(path, 'run');
    const store = fileStore(run);
    const lock = answerOf(store.lock());
    fs.symlinkSync(run, join(path, 'link'));
    for (const place of [run, join(path, 'link'), join(path, 'x', '..', 'run')]) {
      try {
        answerOf(fileStore(place).lock());
        assert.unreachable();
      } catch (error) {
        assert.instance(error, StoreInUseError);
        assert.match((error as StoreInUseError).message, /in use by pid \d+ on .+ since \d{4}-/);
        assert.is((error as StoreInUseError).holder?.pid, process.pid);
        assert.is((error as StoreInUseError).holder?.host, hostname());
      }
    }
    lock.release();
    assert.equal(fs.readdirSync(run), []);
    answerOf(fileStore(join(path, 'link')).lock()).release();
  }),
);

test('leaks no descriptor over many saves, reads and failures', async () => {
  if (!fs.existsSync('/proc/self/fd')) return;
  const { path, dispose } = temporaryFolder();
  // Sockets are let go of at the end of a turn of the event loop.
  const count = async (): Promise<number> => {
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
    return fs.readdirSync('/proc/self/fd').length;
  };
  try {
    const store = fileStore(path);
    answerOf(store.lock()).release();
    const before = await count();
    for (let turn = 0; turn < 100; turn++) {
      const lock = answerOf(store.lock());
      answerOf(store.write(`m-${turn}`, checkpointFiles(`m-${turn}`)));
      assert.throws(() => answerOf(store.write(`m-${turn}`, checkpointFiles(`m-${turn}`))));
      answerOf(store.writeState(new Uint8Array(10)));
      answerOf(store.open(`m-${turn}`)).close();
      answerOf(store.remove([`m-${turn}`], markers));
      lock.release();
    }
    assert.is(await count(), before);
    assert.equal(fs.readdirSync(path), ['checkpoint']);
  } finally {
    dispose();
  }
});

test(
  'writes pieces of more than one megabyte whole',
  inFolder((path) => {
    const sizes: number[] = [];
    const fileSystem = {
      ...nodeFileSystem,
      write: (file: number, bytes: Uint8Array) => {
        sizes.push(bytes.length);
        return nodeFileSystem.write(file, bytes);
      },
    };
    const data = Uint8Array.from({ length: 2_500_000 }, (_, at) => at % 251);
    answerOf(fileStore(path, { fileSystem }).write('m', [{ suffix: '.safetensors', chunks: [data] }]));
    assert.equal(sizes, [1_048_576, 1_048_576, 402_848]);
    assert.is(Buffer.compare(fs.readFileSync(join(path, 'm.safetensors')), data), 0);
  }),
);

test.run();
