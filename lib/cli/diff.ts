import type { ReadableCheckpoint, Tensor } from '../index.js';
import { compareTensor, type TensorDifference } from './diff/compare-tensors.js';
import type { Io } from './io.js';
import { jsonNumber } from './json-number.js';
import { openCheckpoint } from './open-checkpoint.js';
import { printable } from './printable.js';

const DIFFERENT = 1;
/** The tensor of that state in a tensor bundle. */
const REST = '_tidemark/state';

/** Compares two checkpoints, whatever their formats. Exit code 0 if they are equal bit for bit, else 1. */
export async function diff(
  pathA: string,
  pathB: string,
  { all = false, json = false }: { readonly all?: boolean; readonly json?: boolean },
  io: Io,
): Promise<number> {
  const a = await openCheckpoint(io.cwd, pathA);
  try {
    const b = await openCheckpoint(io.cwd, pathB);
    try {
      const differences = [...compareAll(a, b), compareRest(a, b)];
      const changed = differences.filter(({ verdict }) => verdict !== 'equal');
      if (json) io.out(`${JSON.stringify({ equal: changed.length === 0, tensors: differences }, jsonNumber)}\n`);
      else print(differences, all, io);
      return changed.length === 0 ? 0 : DIFFERENT;
    } finally {
      b.close();
    }
  } finally {
    a.close();
  }
}

function compareAll(a: ReadableCheckpoint, b: ReadableCheckpoint): readonly TensorDifference[] {
  const [inA, inB] = [namesOf(a), namesOf(b)];
  const names = [...new Set([...inA.keys(), ...inB.keys()])].filter((name) => name !== REST).sort();
  return names.map((name) => {
    const [typeA, typeB] = [inA.get(name), inB.get(name)];
    // What cannot be held here, such as `variant`, is compared by its type and checksum alone.
    if (typeA !== undefined && typeB !== undefined && typeA.dtype === undefined && typeB.dtype === undefined) {
      const isEqual = typeA.storedDtype === typeB.storedDtype && typeA.crc32c === typeB.crc32c;
      return {
        name,
        verdict: isEqual ? 'equal' : 'values',
        text: isEqual ? 'equal checksums' : 'not readable here, and of different checksums',
      };
    }
    return compareTensor(name, read(a, name, typeA), read(b, name, typeB));
  });
}

/** Where the state lies that is not tensors depends on the format. */
function compareRest(a: ReadableCheckpoint, b: ReadableCheckpoint): TensorDifference {
  const isEqual = JSON.stringify(a.snapshot().json) === JSON.stringify(b.snapshot().json);
  const name = '(state that is not tensors)';
  return { name, verdict: isEqual ? 'equal' : 'values', text: isEqual ? 'equal' : 'differs' };
}

function namesOf(checkpoint: ReadableCheckpoint) {
  return new Map(checkpoint.entries.map((entry) => [entry.name, entry] as const));
}

function read(
  checkpoint: ReadableCheckpoint,
  name: string,
  entry: ReadableCheckpoint['entries'][number] | undefined,
): Tensor | undefined {
  return entry === undefined ? undefined : checkpoint.read(name);
}

function print(differences: readonly TensorDifference[], all: boolean, io: Io): void {
  const shown = differences.filter(({ verdict }) => all || verdict !== 'equal');
  const width = Math.max(0, ...shown.map(({ name }) => printable(name, 60).length));
  for (const { name, text } of shown) io.out(`${printable(name, 60).padEnd(width)}  ${text}\n`);
  const changed = differences.filter(({ verdict }) => verdict !== 'equal').length;
  const count = `${differences.length - 1} tensors`;
  if (changed === 0) io.out(`${count} and the rest: all equal\n`);
  else io.out(`${changed} differences; ${count} compared, and the rest\n`);
}
