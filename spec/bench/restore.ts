// Verified restores of 100 MB against reading the same bytes and nothing else, and what it takes to list a large bundle.

import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckpointFormat } from '../../lib/checkpoint/format/checkpoint-format.js';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { openBundle } from '../../lib/format/tensor-bundle/open-bundle.js';
import type { CheckpointStore } from '../../lib/store/checkpoint-store.js';
import { nativeCrc32c } from '../../lib/store/file/native-crc32c.js';
import { fileStore } from '../../lib/store/file-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { type BenchmarkReport, interleaved, type Measured, ratio, spread } from './measure.js';
import { rawWrite } from './raw-write.js';
import { tensorsOf } from './tensors-of.js';

const PIECE_BYTES = 1 << 20;
const LISTED = 10_000;

export async function run(): Promise<BenchmarkReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  const { block, tensors } = tensorsOf(100, 1_000_000);
  const raw = join(folder, 'raw');
  rawWrite(raw, block);
  const bundle = saved(join(folder, 'bundle'), tensorBundle(), tensors);
  const safe = saved(join(folder, 'safe'), safetensors(), tensors);
  const many = saved(join(folder, 'many'), tensorBundle(), tensorsOf(LISTED, 100).tensors);
  const warm = new Uint8Array(block.length).fill(1);
  const places = new Map(
    [...tensors.keys()].map((name, i) => [name, warm.subarray(i * 1_000_000, (i + 1) * 1_000_000)]),
  );
  const m = await interleaved(
    {
      fresh: () => rawRead(raw, new Uint8Array(block.length)),
      warm: () => rawRead(raw, warm),
      bundle: () => restore(bundle, tensorBundle()),
      safetensors: () => restore(safe, safetensors()),
      inPlace: () => restoreInPlace(bundle, places),
      list: () => list(many),
    },
    { rounds: 11, warmUpRounds: 3 },
  );
  rmSync(folder, { recursive: true, force: true });
  const row = (way: string, measured: Measured, to?: Measured): string[] => [
    way,
    spread(measured),
    to === undefined ? '' : ratio(measured, to),
  ];
  return {
    title: 'Restoring 100 MB in 100 tensors, in milliseconds',
    columns: ['way', 'time', '÷ raw read'],
    rows: [
      row('raw read into fresh memory', m.fresh),
      row('raw read into memory that was used before', m.warm),
      row('verified restore of a bundle, into fresh memory', m.bundle, m.fresh),
      row('verified restore of safetensors, into fresh memory', m.safetensors, m.fresh),
      row('verified restore of a bundle, into tensors that exist', m.inPlace, m.warm),
      row(`opening a bundle of ${LISTED.toLocaleString('en')} tensors and listing them`, m.list),
    ],
    notes: [
      'Verified: every checksum is compared, with `@node-rs/crc32`. Files are in the cache of the system.',
      'Goals: a verified restore ≤ 1.6 × the raw read into fresh memory; listing 10,000 tensors ≤ 50 ms. Into tensors that exist it is the checksum that takes the time.',
    ],
  };
}

function saved(
  folder: string,
  format: CheckpointFormat,
  tensors: ReturnType<typeof tensorsOf>['tensors'],
): CheckpointStore {
  const store = fileStore(folder);
  const open = answerOf(storeSaver(store, { format }).open());
  answerOf(open.save({ globalStep: 1, tensors, json: { parts: {} } }, new Map()));
  open.close();
  return store;
}

function restore(store: CheckpointStore, format: CheckpointFormat): number {
  return timed(() => {
    const opened = answerOf(readCheckpoint(store, 'model.ckpt-1', [format]));
    opened.snapshot();
    opened.close();
  });
}

function restoreInPlace(store: CheckpointStore, places: ReadonlyMap<string, Uint8Array>): number {
  return timed(() => {
    const { files, close } = answerOf(store.open('model.ckpt-1'));
    const index = files.get('.index');
    if (index === undefined) throw new Error('no index');
    const reader = openBundle(index, (suffix) => files.get(suffix), { crc32c: nativeCrc32c() });
    for (const [name, into] of places) reader.read(name, into);
    close();
  });
}

function list(store: CheckpointStore): number {
  return timed(() => {
    const opened = answerOf(readCheckpoint(store, 'model.ckpt-1'));
    if (opened.entries.length <= LISTED) throw new Error(`expected more than ${LISTED} entries`);
    opened.close();
  });
}

function rawRead(path: string, target: Uint8Array): number {
  return timed(() => {
    const file = openSync(path, 'r');
    for (let at = 0; at < target.length; at += PIECE_BYTES) {
      readSync(file, target, at, Math.min(PIECE_BYTES, target.length - at), at);
    }
    closeSync(file);
  });
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}
