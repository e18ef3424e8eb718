// A durable save on the session's thread against writing the same bytes and nothing else, and a verified restore against
// reading them.

import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { crc32c } from '../../lib/format/crc32c.js';
import { fileStore } from '../../lib/store/file-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { type BenchmarkReport, interleaved, ratio, spread } from './measure.js';
import { measureMemory } from './measure-memory.js';
import { rawWrite } from './raw-write.js';
import { tensorsOf } from './tensors-of.js';

const PIECE_BYTES = 1 << 20;
const CASES = [
  { name: '10 MB in 10 tensors', tensors: 10, bytes: 1_000_000, rounds: 9 },
  { name: '10 MB in 1,000 tensors', tensors: 1000, bytes: 10_000, rounds: 9 },
  { name: '10 MB in 10,000 tensors', tensors: 10_000, bytes: 1000, rounds: 7 },
  { name: '100 MB in 10 tensors', tensors: 10, bytes: 10_000_000, rounds: 7 },
  { name: '100 MB in 100 tensors', tensors: 100, bytes: 1_000_000, rounds: 9 },
  { name: '100 MB in 1,000 tensors', tensors: 1000, bytes: 100_000, rounds: 7 },
  { name: '100 MB in 100,000 tensors', tensors: 100_000, bytes: 1000, rounds: 5 },
  { name: '1 GB in 100 tensors', tensors: 100, bytes: 10_000_000, rounds: 3 },
] as const;

export async function run(): Promise<BenchmarkReport> {
  const rows: string[][] = [];
  for (const { name, tensors, bytes, rounds } of CASES) {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
    try {
      const { block, tensors: all } = tensorsOf(tensors, bytes);
      const formats = { native: tensorBundle(), own: tensorBundle({ crc32c }) };
      const savers = Object.fromEntries(
        Object.entries(formats).map(([kind, format]) => {
          const store = fileStore(join(folder, kind));
          return [
            kind,
            { store, format, open: answerOf(storeSaver(store, { format, retention: keepLatest(1) }).open()) },
          ];
        }),
      );
      let step = 0;
      const save = (kind: string) => () => {
        const { open } = savers[kind] as (typeof savers)[string];
        const next = { globalStep: ++step, tensors: all, json: { parts: {} } };
        const milliseconds = timed(() => answerOf(open.save(next, new Map())));
        open.retain().subscribe();
        return milliseconds;
      };
      const restore = (kind: string) => () => {
        const { store, format } = savers[kind] as (typeof savers)[string];
        const [prefix = ''] = answerOf(store.list(['.index']));
        return timed(() => {
          const opened = answerOf(readCheckpoint(store, prefix, [format]));
          opened.snapshot();
          opened.close();
        });
      };
      const raw = join(folder, 'raw');
      const total = tensors * bytes;
      const measured = await interleaved(
        {
          raw: () => rawWrite(raw, block),
          native: save('native'),
          own: save('own'),
          rawRead: () => rawRead(raw, total),
          restore: restore('native'),
        },
        { rounds, warmUpRounds: 1 },
      );
      rows.push([
        name,
        spread(measured.raw, 0),
        spread(measured.native, 0),
        ratio(measured.native, measured.raw),
        spread(measured.own, 0),
        ratio(measured.own, measured.raw),
        spread(measured.rawRead, 0),
        spread(measured.restore, 0),
        ratio(measured.restore, measured.rawRead),
      ]);
      for (const { open } of Object.values(savers)) open.close();
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  return {
    title: 'Durable, checksummed saves and verified restores, in milliseconds',
    columns: [
      'state',
      'raw write + fsync',
      'save',
      '÷ raw',
      'JavaScript crc',
      '÷ raw',
      'raw read',
      'verified restore',
      '÷ raw',
    ],
    rows,
    notes: [
      'Raw: the same bytes into one file in pieces of 1 MiB and one fsync; no checksum, no name made durable. A save: three files, checksums, five fsyncs, and the state file with one more of each kind.',
      'Save: the checksum is `@node-rs/crc32`, found by the store. JavaScript crc: what is used where it is not installed.',
      'Raw read: into fresh memory in pieces of 1 MiB. A verified restore has every checksum compared. Files are in the cache of the system for both.',
      'Goals: save ≤ 1.25 × raw at 100 MB and 1 GB, ≤ 2.5 × for 100,000 tensors; restore ≤ 1.6 × raw read.',
      `Memory of a process that saves 1 GB once: ${await memoryText('sync')} on the session’s thread (goal 64 MB); ${await memoryText('async')} in the background, of which 1,000 MB are the copy (goal 1,064 MB).`,
    ],
  };
}

/** By how much the memory of a process grows by a save of 1 GB. */
async function memoryText(mode: 'sync' | 'async'): Promise<string> {
  const { beforeBytes, peakBytes } = await measureMemory(mode, 100, 10_000_000);
  return `${Math.round((peakBytes - beforeBytes) / 1e6).toLocaleString('en')} MB`;
}

function timed(work: () => void): number {
  const startedAt = performance.now();
  work();
  return performance.now() - startedAt;
}

function rawRead(path: string, bytes: number): number {
  return timed(() => {
    const target = new Uint8Array(bytes);
    const file = openSync(path, 'r');
    for (let at = 0; at < bytes; at += PIECE_BYTES) readSync(file, target, at, Math.min(PIECE_BYTES, bytes - at), at);
    closeSync(file);
  });
}
