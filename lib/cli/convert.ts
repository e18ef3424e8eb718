import { statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { lastValueFrom } from 'rxjs';
import {
  type CheckpointFormat,
  type CheckpointStore,
  readCheckpoint,
  type StateSnapshot,
  safetensors,
  tensorBundle,
} from '../index.js';
import { fileStore } from '../node.js';
import { compareTensors } from './diff/compare-tensors.js';
import type { Io } from './io.js';
import { openCheckpoint } from './open-checkpoint.js';
import { printable } from './printable.js';
import { sizeText } from './size-text.js';
import { UsageError } from './usage-error.js';

const FORMATS: Readonly<Record<'bundle' | 'safetensors', () => CheckpointFormat>> = {
  bundle: () => tensorBundle(),
  safetensors: () => safetensors(),
};

/**
 * Writes a checkpoint in another format, with everything that is in it. The new one is there whole or not at all; it is
 * read back and compared.
 *
 * @returns 0, or 3 if what was read back is not the same
 */
export async function convert(
  from: string,
  to: string,
  { to: formatName, json = false }: { readonly to?: 'bundle' | 'safetensors'; readonly json?: boolean },
  io: Io,
): Promise<number> {
  if (formatName === undefined) {
    throw new UsageError('convert needs to know the format to write', '--to bundle, or --to safetensors');
  }
  const target = resolve(io.cwd, to);
  if (statSync(target, { throwIfNoEntry: false })?.isDirectory() === true) {
    throw new UsageError(`${printable(to)} is a folder`, `name the checkpoint in it:  ${join(to, basename(from))}`);
  }
  const format = FORMATS[formatName]();
  const store = fileStore(dirname(target));
  const prefix = basename(target);
  const source = await openCheckpoint(io.cwd, from);
  try {
    const snapshot = source.snapshot();
    const { record } = source;
    const lock = await lastValueFrom(store.lock());
    let sizeBytes: number;
    try {
      const files = format.encode(snapshot, {
        globalStep: snapshot.globalStep,
        savedAt: record?.savedAt ?? 0,
        parent: undefined,
        metrics: record?.metrics ?? new Map(),
      });
      sizeBytes = await lastValueFrom(store.write(prefix, files));
    } finally {
      lock.release();
    }
    const isSame = await isTheSame(store, prefix, snapshot);
    const tensors = snapshot.tensors.size;
    if (json) io.out(`${JSON.stringify({ prefix: to, format: format.name, tensors, sizeBytes, verified: isSame })}\n`);
    else io.out(`${printable(to)}  ${format.name} · ${tensors} tensors · ${sizeText(sizeBytes)}\n`);
    if (isSame) io.err('  verified  read back, and the same bit for bit\n');
    else io.err('error  what was read back is not what was written\n');
    return isSame ? 0 : 3;
  } finally {
    source.close();
  }
}

async function isTheSame(store: CheckpointStore, prefix: string, wanted: StateSnapshot): Promise<boolean> {
  const checkpoint = await lastValueFrom(readCheckpoint(store, prefix));
  try {
    const { globalStep, tensors, json } = checkpoint.snapshot();
    return (
      globalStep === wanted.globalStep &&
      JSON.stringify(json) === JSON.stringify(wanted.json) &&
      compareTensors(wanted.tensors, tensors).every(({ verdict }) => verdict === 'equal')
    );
  } finally {
    checkpoint.close();
  }
}
