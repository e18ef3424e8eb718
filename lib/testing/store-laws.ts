import { tap } from 'rxjs';
import { checkFunction } from '../error/check-function.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import type { CheckpointStore, OpenedCheckpoint, StoredFile } from '../store/checkpoint-store.js';
import { errorOf, fails, one, same } from './law-expectations.js';

export interface StoreLawsOptions {
  /** Registers a test; any framework's. */
  readonly test: (name: string, body: () => Promise<void>) => void;
  /** A new, empty store for each law. */
  readonly factory: () => StoreUnderTest;
}

const OPTIONS: OptionNames<StoreLawsOptions> = { test: true, factory: true };

export interface StoreUnderTest {
  readonly store: CheckpointStore;
  /** A second store in the same place, as another writer would open it; default: the same one. */
  readonly another?: CheckpointStore | undefined;
  /** Called after the law. */
  dispose?(): void;
}

const MARKERS = ['.index'];
const INDEX = '.index';
const DATA = '.data-00000-of-00001';
/** Names that are traps for maps made of objects, for patterns and for tidy minds. */
const NAMES = ['__proto__', 'constructor', 'model.ckpt-1', 'model.ckpt-10', 'a b', 'naïve-Δ', '100%', 'x'.repeat(180)];
const NO_NAMES = ['', '.', '..', '../x', 'a/b', 'a\\b', 'a\0', '.hidden', 'a\n', '\ud800', 'x'.repeat(181)];

/** What every checkpoint store does, wherever it keeps its bytes. Names no test framework. */
export function storeLaws(options: StoreLawsOptions): void {
  checkOptions('storeLaws(options)', options, OPTIONS);
  checkFunction('storeLaws(test)', options.test);
  checkFunction('storeLaws(factory)', options.factory);
  const { test, factory } = options;
  const law = (name: string, body: (store: CheckpointStore, another: CheckpointStore) => Promise<void>): void =>
    test(`law: ${name}`, async () => {
      const under = factory();
      try {
        await body(under.store, under.another ?? under.store);
      } finally {
        under.dispose?.();
      }
    });

  law('is empty at first', async (store) => {
    same(await one(store.list(MARKERS)), [], 'list');
    same(await one(store.readState()), undefined, 'state');
    await fails(store.open('m-1'), 'CHECKPOINT_NOT_FOUND');
    await fails(store.quarantine('m-1', MARKERS), 'CHECKPOINT_NOT_FOUND');
    same(await one(store.remove(['m-1'], MARKERS)), undefined, 'remove');
  });

  law('gives back what was written, to another reader too', async (store, another) => {
    const data = Uint8Array.from({ length: 3_000_000 }, (_, at) => (at * 31) ^ (at >> 8));
    const bytes = await one(store.write('m-1', [file(DATA, data), file(INDEX, text('index'))]));
    same(bytes, 3_000_005, 'bytes written');
    for (const reader of [store, another]) {
      same(await one(reader.list(MARKERS)), ['m-1'], 'list');
      const opened = await one(reader.open('m-1'));
      same([...opened.files.keys()].sort(), [DATA, INDEX], 'suffixes');
      same(contents(opened, DATA), data, 'data');
      same(opened.files.get(DATA)?.read(2_999_990, 10), data.subarray(2_999_990), 'the end of the data');
      same(opened.files.get(DATA)?.read(3_000_000, 0), new Uint8Array(), 'nothing at the end');
      same(opened.files.get(INDEX)?.name, 'm-1.index', 'name');
      opened.close();
      opened.close();
    }
  });

  law('keeps pieces that their producer uses again, empty ones and empty files', async (store) => {
    function* pieces(): Generator<Uint8Array> {
      const piece = new Uint8Array(4);
      for (let turn = 1; turn <= 3; turn++) yield piece.fill(turn);
      piece.fill(0);
      yield piece.subarray(0, 0);
    }
    await one(
      store.write('m-1', [
        { suffix: DATA, chunks: pieces() },
        { suffix: INDEX, chunks: [] },
      ]),
    );
    const opened = await one(store.open('m-1'));
    same(contents(opened, DATA), Uint8Array.of(1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3), 'data');
    same(contents(opened, INDEX), new Uint8Array(), 'index');
    opened.close();
  });

  law('asks for the files in order, one after the other, and shows nothing before the last', async (store, another) => {
    const asked: string[] = [];
    function* files(): Generator<StoredFile> {
      for (const suffix of [DATA, '.commit.json', INDEX]) {
        asked.push(suffix);
        yield { suffix, chunks: tracked(suffix) };
        asked.push(`after ${suffix}`);
      }
    }
    function* tracked(suffix: string): Generator<Uint8Array> {
      asked.push(`bytes of ${suffix}`);
      another.list(MARKERS).subscribe((prefixes) => same(prefixes, [], 'list while writing'));
      yield text(suffix);
    }
    await one(store.write('m-1', files()));
    const order = [DATA, '.commit.json', INDEX].flatMap((suffix) => [suffix, `bytes of ${suffix}`, `after ${suffix}`]);
    same(asked, order, 'order');
  });

  law('leaves nothing of a write whose producer fails, and can write it then', async (store) => {
    const failure = new Error('no more bytes');
    function* pieces(): Generator<Uint8Array> {
      yield text('some');
      throw failure;
    }
    for (const files of [
      [{ suffix: DATA, chunks: pieces() }],
      [file(DATA, text('x')), { suffix: INDEX, chunks: pieces() }],
    ]) {
      same(await errorOf(store.write('m-1', files)), failure, 'error');
      same(await one(store.list(MARKERS)), [], 'list');
      await fails(store.open('m-1'), 'CHECKPOINT_NOT_FOUND');
    }
    await one(store.write('m-1', checkpoint('m-1')));
    same(await one(store.list(MARKERS)), ['m-1'], 'list');
  });

  law('refuses a write without files, of a suffix twice, of an unknown suffix', async (store) => {
    for (const files of [[], [file(INDEX, text('a')), file(INDEX, text('b'))], [file('.exe', text('a'))]]) {
      same((await errorOf(store.write('m-1', files))) instanceof RangeError, true, 'a RangeError');
      await fails(store.open('m-1'), 'CHECKPOINT_NOT_FOUND');
    }
  });

  law('never writes over a checkpoint', async (store) => {
    await one(store.write('m-1', checkpoint('first')));
    await fails(store.write('m-1', checkpoint('second')), 'CHECKPOINT_EXISTS');
    const opened = await one(store.open('m-1'));
    same(contents(opened, DATA), text('first'), 'data');
    opened.close();
  });

  law('keeps checkpoints of any name that is one, apart', async (store) => {
    for (const name of NAMES) await one(store.write(name, checkpoint(name)));
    same([...(await one(store.list(MARKERS)))].sort(), [...NAMES].sort(), 'list');
    for (const name of NAMES) {
      const opened = await one(store.open(name));
      same(contents(opened, DATA), text(name), name);
      same(opened.files.size, 2, `files of ${name}`);
      opened.close();
    }
    await one(store.remove(['model.ckpt-1'], MARKERS));
    same((await one(store.list(MARKERS))).length, NAMES.length - 1, 'list after a removal');
  });

  law('refuses at once what is no name', async (store) => {
    for (const name of NO_NAMES) {
      for (const call of [
        () => store.write(name, checkpoint('x')),
        () => store.open(name),
        () => store.remove([name], MARKERS),
        () => store.quarantine(name, MARKERS),
      ]) {
        same(thrownBy(call) instanceof RangeError, true, `a RangeError for ${JSON.stringify(name)}`);
      }
    }
  });

  law('lists by any of the markers', async (store) => {
    await one(store.write('a', checkpoint('a')));
    await one(store.write('b', [file('.safetensors', text('b'))]));
    same([...(await one(store.list(['.index', '.safetensors'])))].sort(), ['a', 'b'], 'both');
    same(await one(store.list(['.safetensors'])), ['b'], 'one');
    same(await one(store.list([])), [], 'none');
  });

  law('removes what it is told to, twice too, and opened files stay readable', async (store) => {
    for (const name of ['m-1', 'm-2', 'm-3']) await one(store.write(name, checkpoint(name)));
    const opened = await one(store.open('m-2'));
    await one(store.remove(['m-1', 'm-2', 'gone'], MARKERS));
    await one(store.remove(['m-1'], MARKERS));
    same(await one(store.list(MARKERS)), ['m-3'], 'list');
    await fails(store.open('m-1'), 'CHECKPOINT_NOT_FOUND');
    same(contents(opened, DATA), text('m-2'), 'data of a removed checkpoint');
    opened.close();
    await one(store.write('m-1', checkpoint('again')));
  });

  law('sets a checkpoint aside, more than once', async (store) => {
    for (const content of ['bad', 'worse']) {
      await one(store.write('m-1', checkpoint(content)));
      await one(store.quarantine('m-1', MARKERS));
      same(await one(store.list(MARKERS)), [], 'list');
      await fails(store.open('m-1'), 'CHECKPOINT_NOT_FOUND');
    }
  });

  law('replaces the state file as a whole', async (store, another) => {
    for (const content of ['a long first state', 'short', '']) {
      const bytes = text(content);
      await one(store.writeState(bytes).pipe(tap(() => bytes.fill(0))));
      same(await one(another.readState()), text(content), 'state');
    }
    same(await one(store.list(MARKERS)), [], 'list');
  });

  law('has one writer at a time', async (store, another) => {
    const lock = await one(store.lock());
    await fails(another.lock(), 'STORE_IN_USE');
    await fails(store.lock(), 'STORE_IN_USE');
    lock.release();
    lock.release();
    const next = await one(another.lock());
    lock.release();
    await fails(store.lock(), 'STORE_IN_USE');
    next.release();
  });

  law('is cold: acts when it is subscribed to, once for each, and answers once', async (store) => {
    const write = store.write('m-1', checkpoint('m-1'));
    const list = store.list(MARKERS);
    same(await one(list), [], 'list before');
    await one(write);
    same(await one(list), ['m-1'], 'list after');
    await fails(write, 'CHECKPOINT_EXISTS');
  });
}

function thrownBy(call: () => unknown): unknown {
  try {
    call();
  } catch (error) {
    return error;
  }
  return undefined;
}

function file(suffix: string, bytes: Uint8Array): StoredFile {
  return { suffix, chunks: [bytes] };
}

function checkpoint(content: string): StoredFile[] {
  return [file(DATA, text(content)), file(INDEX, text(`index of ${content}`))];
}

function text(content: string): Uint8Array {
  return new TextEncoder().encode(content);
}

function contents({ files }: OpenedCheckpoint, suffix: string): Uint8Array | undefined {
  const stored = files.get(suffix);
  return stored?.read(0, stored.sizeBytes);
}
