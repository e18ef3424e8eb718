import { appendFileSync, mkdirSync, renameSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { VirtualTimeScheduler } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { EventWriter } from '../../../lib/format/event/event-writer.js';
import { fileVersionEvent } from '../../../lib/format/event/file-version-event.js';
import { encodeRecord } from '../../../lib/format/tfrecord.js';
import { nodeFileSystem } from '../../../lib/store/node-file-system.js';
import { eventFileWriter } from '../../../lib/summary/event-file/event-file-writer.js';
import { type TailEventsOptions, tailEvents } from '../../../lib/summary/tail/tail-events.js';
import type { TailedEvent } from '../../../lib/summary/tail/tailed-event.js';
import { temporaryFolder } from '../../store/temporary-folder.js';
import { runOf } from '../run-of.js';

const test = suite('tailEvents');
const FILE = 'events.out.tfevents.1700000000.host';

/** An event file with scalars `a` at these steps, begun at this wall time. */
function fileOf(steps: readonly number[], wallTime = 1_700_000_000): Uint8Array {
  const writer = new EventWriter();
  writer.add(fileVersionEvent(wallTime));
  for (const step of steps) writer.addScalar('a', step, step, wallTime);
  return writer.copy();
}

/** Follows a folder by hand: each `look` lets a second pass and gives what was told. */
function follow(path: string, options: TailEventsOptions = {}) {
  const scheduler = new VirtualTimeScheduler(undefined, 0);
  const told: string[] = [];
  const all: TailedEvent[] = [];
  const subscription = tailEvents(path, { scheduler, ...options }).subscribe((event) => {
    all.push(event);
    told.push(shortly(event));
  });
  return {
    all,
    subscription,
    scheduler,
    look(): string[] {
      scheduler.maxFrames += 1000;
      scheduler.flush();
      return told.splice(0);
    },
    first: told.splice(0),
  };
}

function shortly(event: TailedEvent): string {
  if (event.type === 'event') return event.event.type === 'summary' ? `${event.event.step}` : event.event.type;
  if (event.type === 'reset') return 'reset';
  return `fault at ${event.offset}: ${event.reason}`;
}

function inFolder(body: (path: string) => void): () => void {
  return () => {
    const { path, dispose } = temporaryFolder();
    try {
      body(path);
    } finally {
      dispose();
    }
  };
}

test(
  'tells what is there, then what comes, file by file in byte order',
  inFolder((path) => {
    const bytes = fileOf([1, 2, 3]);
    const half = fileOf([1]).length;
    writeFileSync(join(path, FILE), bytes.subarray(0, half));
    writeFileSync(join(path, 'model.ckpt-1.index'), 'not an event file');
    const tail = follow(path);
    assert.equal(tail.first, ['fileVersion', '1']);
    assert.equal(tail.look(), []);
    appendFileSync(join(path, FILE), bytes.subarray(half));
    writeFileSync(join(path, `${FILE}.2`), fileOf([4]));
    writeFileSync(join(path, 'events.out.tfevents.1600000000.host'), fileOf([0]));
    assert.equal(tail.look(), ['fileVersion', '0', '2', '3', 'fileVersion', '4']);
    assert.equal(
      tail.all
        .filter((told) => told.type === 'event' && told.file === FILE)
        .map((told) => 'offset' in told && told.offset),
      [0, fileOf([]).length, half, fileOf([1, 2]).length],
    );
    tail.subscription.unsubscribe();
    assert.is(tail.scheduler.actions.length, 0);
  }),
);

test(
  'waits for the rest of a record that was cut, at every byte',
  inFolder((path) => {
    const bytes = fileOf([1, 2]);
    writeFileSync(join(path, FILE), '');
    const tail = follow(path);
    const told: string[] = [...tail.first];
    for (let at = 0; at < bytes.length; at++) {
      appendFileSync(join(path, FILE), bytes.subarray(at, at + 1));
      told.push(...tail.look());
      const expected = ['fileVersion', '1', '2'].filter((_, i) => fileOf([1, 2].slice(0, i)).length <= at + 1);
      assert.equal(told, expected, `${at + 1} bytes`);
    }
  }),
);

test(
  'begins anew with a file that was cut, replaced, written over or removed',
  inFolder((path) => {
    const file = join(path, FILE);
    writeFileSync(file, fileOf([1, 2]));
    const tail = follow(path);
    assert.equal(tail.first, ['fileVersion', '1', '2']);

    truncateSync(file, 0);
    assert.equal(tail.look(), ['reset']);
    appendFileSync(file, fileOf([3]));
    assert.equal(tail.look(), ['fileVersion', '3']);

    writeFileSync(join(path, 'other'), fileOf([4, 5, 6]));
    renameSync(join(path, 'other'), file);
    assert.equal(tail.look(), ['reset', 'fileVersion', '4', '5', '6']);

    // In place, and longer than it was.
    writeFileSync(file, fileOf([7, 8, 9, 10], 1_700_000_099));
    assert.equal(tail.look(), ['reset', 'fileVersion', '7', '8', '9', '10']);

    unlinkSync(file);
    assert.equal(tail.look(), ['reset']);
    assert.equal(tail.look(), []);
    writeFileSync(file, fileOf([11]));
    assert.equal(tail.look(), ['fileVersion', '11']);
  }),
);

test(
  'waits for a folder that is not there yet, and one that goes and comes',
  inFolder((path) => {
    const folder = join(path, 'later');
    const tail = follow(folder);
    assert.equal(tail.first, []);
    mkdirSync(folder);
    assert.equal(tail.look(), []);
    writeFileSync(join(folder, FILE), fileOf([1]));
    assert.equal(tail.look(), ['fileVersion', '1']);
    rmSync(folder, { recursive: true });
    assert.equal(tail.look(), ['reset']);
    mkdirSync(folder);
    writeFileSync(join(folder, FILE), fileOf([2]));
    assert.equal(tail.look(), ['fileVersion', '2']);
  }),
);

test(
  'tells a broken frame once, and goes on with other files',
  inFolder((path) => {
    const broken = fileOf([1, 2]);
    const offset = fileOf([1]).length;
    broken[offset + 20] = (broken[offset + 20] as number) ^ 1;
    writeFileSync(join(path, FILE), broken);
    writeFileSync(join(path, `${FILE}.2`), fileOf([3]));
    const tail = follow(path);
    const size = broken.length - offset - 16;
    assert.equal(tail.first, [
      'fileVersion',
      '1',
      `fault at ${offset}: data checksum mismatch in ${size} bytes`,
      'fileVersion',
      '3',
    ]);
    appendFileSync(join(path, FILE), fileOf([4]));
    appendFileSync(join(path, `${FILE}.2`), fileOf([5]).subarray(fileOf([]).length));
    assert.equal(tail.look(), ['5']);
  }),
);

test(
  'passes over a whole record that holds no event',
  inFolder((path) => {
    const version = fileOf([]);
    const more = fileOf([2]).subarray(version.length);
    writeFileSync(join(path, FILE), Buffer.concat([version, encodeRecord(Uint8Array.of(255, 255)), more]));
    const tail = follow(path);
    assert.is(tail.first.length, 3);
    assert.match(tail.first[1] ?? '', new RegExp(`^fault at ${version.length}: `));
    assert.is(tail.first[2], '2');
  }),
);

test(
  'believes no length, reads no pipe and no folder, and bears all sorts of bytes',
  inFolder((path) => {
    const giant = new Uint8Array(encodeRecord(new Uint8Array(8)));
    const view = new DataView(giant.buffer);
    const hostile: Record<string, Uint8Array> = {
      gzip: Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      text: new TextEncoder().encode('<html>this is no event file at all</html>'),
      zeros: new Uint8Array(4096),
      short: Uint8Array.of(1, 2, 3),
      empty: new Uint8Array(),
    };
    view.setUint32(4, 0x1000_0000, true);
    hostile['long'] = giant;
    for (const [name, bytes] of Object.entries(hostile)) writeFileSync(join(path, `tfevents.${name}`), bytes);
    mkdirSync(join(path, 'tfevents.folder'));
    const tail = follow(path);
    const faults = tail.all.filter((told) => told.type === 'fault').map((told) => told.file);
    assert.equal(
      faults.sort(),
      ['tfevents.folder', 'tfevents.gzip', 'tfevents.long', 'tfevents.text', 'tfevents.zeros'].sort(),
    );
    assert.is(tail.all.length, faults.length);
    assert.equal(tail.look(), []);
  }),
);

test(
  'follows a writer, and completes with `isOnce`',
  inFolder((path) => {
    const open = eventFileWriter(path).open(runOf());
    open.start(0, 1);
    const tail = follow(path);
    assert.equal(tail.first, ['fileVersion', 'sessionLog']);
    open.write(1, { scalars: new Map([['a', 1]]), values: [] });
    assert.equal(tail.look(), []);
    open.flush();
    assert.equal(tail.look(), ['1']);
    open.close();
    const said: string[] = [];
    tailEvents(path, { isOnce: true }).subscribe({
      next: (told) => said.push(shortly(told)),
      complete: () => said.push('complete'),
    });
    assert.equal(said, ['fileVersion', 'sessionLog', '1', 'complete']);
  }),
);

test(
  'closes what it opened, also when it is left in the middle, and tells what could not be opened once',
  inFolder((path) => {
    writeFileSync(join(path, FILE), fileOf([1, 2, 3]));
    let open = 0;
    let isRefused = false;
    const fileSystem = {
      ...nodeFileSystem,
      openRead(name: string): number {
        if (isRefused) throw Object.assign(new Error('EACCES: not yours'), { code: 'EACCES' });
        open++;
        return nodeFileSystem.openRead(name);
      },
      close(file: number): void {
        open--;
        nodeFileSystem.close(file);
      },
    };
    const seen: string[] = [];
    const subscription = tailEvents(path, { fileSystem, isOnce: true }).subscribe((told) => {
      seen.push(shortly(told));
      if (seen.length === 2) queueMicrotask(() => subscription.unsubscribe());
    });
    assert.is(open, 0);
    isRefused = true;
    const tail = follow(path, { fileSystem });
    assert.equal(tail.first, ['fault at 0: EACCES: not yours']);
    assert.equal(tail.look(), []);
    isRefused = false;
    assert.equal(tail.look(), ['fileVersion', '1', '2', '3']);
  }),
);

test('refuses wrong arguments', () => {
  assert.throws(() => tailEvents(''), /^tailEvents\(directory\): expected a path/);
  assert.throws(() => tailEvents('logs', { intervalSeconds: 0 }), /^tailEvents\(intervalSeconds\)/);
});

test.run();
