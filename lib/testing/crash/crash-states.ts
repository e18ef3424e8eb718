import { checkMethods } from '../../error/check-methods.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { Disk, type DiskOperation, type MemoryImage } from './memory-image.js';

/**
 * What a crash may leave of operations that were not made durable:
 *
 * - `ordered`: those before some moment, none after it, as a journalling file system tends to;
 * - `posix`: any of them, in any combination, a write also by half: all that the standard lets a system do.
 */
export type CrashModel = 'ordered' | 'posix';

export interface CrashStatesOptions {
  /** Default `posix`. */
  readonly model?: CrashModel | undefined;
  /**
   * The most states of one crash point; default 512. If there are more, then nothing lost, everything lost, every
   * moment of `ordered`, every one or two operations lost or kept alone, and after those a fixed random choice.
   */
  readonly maxStates?: number | undefined;
}

const OPTIONS: OptionNames<CrashStatesOptions> = { model: true, maxStates: true };

/** How many choices are looked at for each that is taken, before the rest is given up. */
const TRIES = 20;

/** What becomes of one operation. */
type Fate = 'lost' | 'kept' | 'torn';

/**
 * Yields what the disk may hold if the machine crashes when the operations of `done` were done.
 *
 * @param base what it held before the first of them
 */
export function crashStates(
  base: MemoryImage,
  done: readonly DiskOperation[],
  options: CrashStatesOptions = {},
): Generator<MemoryImage> {
  checkMethods('crashStates(done)', 'a list of operations', done, ['map', 'entries']);
  checkOptions('crashStates(options)', options, OPTIONS);
  return states(base, done, options);
}

function* states(
  base: MemoryImage,
  done: readonly DiskOperation[],
  options: CrashStatesOptions,
): Generator<MemoryImage> {
  const { model = 'posix', maxStates = 512 } = options;
  const isDurable = durability(done);
  const pending = done.map((_, at) => at).filter((at) => isDurable[at] === false);
  for (const fates of model === 'ordered' ? moments(pending.length) : choices(pending, done, maxStates)) {
    const disk = new Disk(base);
    let next = 0;
    for (const [at, operation] of done.entries()) {
      const fate = at === pending[next] ? fates[next++] : 'kept';
      if (fate === 'kept') disk.apply(operation);
      else if (fate === 'torn' && operation.type === 'write') disk.apply(half(operation));
    }
    yield disk;
  }
}

/** For each operation: whether it survives any crash; `undefined` for those that change nothing. */
function durability(done: readonly DiskOperation[]): readonly (boolean | undefined)[] {
  const syncedFiles = new Set<number>();
  const syncedFolders = new Set<number>();
  const isDurable: (boolean | undefined)[] = new Array(done.length).fill(undefined);
  for (let at = done.length - 1; at >= 0; at--) {
    const operation = done[at];
    switch (operation?.type) {
      case 'sync':
        syncedFiles.add(operation.file);
        break;
      case 'lose':
        syncedFiles.delete(operation.file);
        break;
      case 'syncDir':
        syncedFolders.add(operation.folder);
        break;
      case 'write':
        isDurable[at] = syncedFiles.has(operation.file);
        break;
      case 'create':
      case 'mkdir':
      case 'rename':
      case 'unlink':
        isDurable[at] = syncedFolders.has(operation.folder);
        break;
    }
  }
  return isDurable;
}

function* moments(count: number): Generator<Fate[]> {
  for (let kept = 0; kept <= count; kept++) {
    yield Array.from({ length: count }, (_, at) => (at < kept ? 'kept' : 'lost'));
  }
}

function* choices(pending: readonly number[], done: readonly DiskOperation[], max: number): Generator<Fate[]> {
  const fates = pending.map((at): Fate[] => {
    const operation = done[at];
    const isDivisible = operation?.type === 'write' && operation.bytes.length > 1;
    return isDivisible ? ['lost', 'kept', 'torn'] : ['lost', 'kept'];
  });
  const count = fates.reduce((product, { length }) => product * length, 1);
  if (count <= max) {
    for (let number = 0; number < count; number++) yield numbered(fates, number);
    return;
  }
  const seen = new Set<string>();
  let tries = 0;
  for (const choice of selected(fates)) {
    if (seen.size >= max || tries++ >= TRIES * max) return;
    if (seen.has(choice.join())) continue;
    seen.add(choice.join());
    yield choice;
  }
}

/** The choice that `number` stands for, read with a digit for each operation. */
function numbered(fates: readonly Fate[][], number: number): Fate[] {
  let rest = number;
  return fates.map((some) => {
    const fate = some[rest % some.length] ?? 'lost';
    rest = Math.floor(rest / some.length);
    return fate;
  });
}

function* selected(fates: readonly Fate[][]): Generator<Fate[]> {
  yield* moments(fates.length);
  for (const rest of ['kept', 'lost'] as const) {
    const all = fates.map((): Fate => rest);
    for (const [one, some] of fates.entries()) for (const fate of some) yield all.with(one, fate);
    for (let one = 0; one < fates.length; one++) {
      for (let two = 0; two < one; two++) {
        for (const first of fates[one] ?? []) {
          for (const second of fates[two] ?? []) yield all.with(one, first).with(two, second);
        }
      }
    }
  }
  // A linear congruential generator (Numerical Recipes): the same choice in every run.
  for (let seed = 1; ; ) {
    yield fates.map((some) => {
      seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
      return some[Math.floor((seed / 2 ** 32) * some.length)] ?? 'lost';
    });
  }
}

function half(operation: DiskOperation & { type: 'write' }): DiskOperation {
  return { ...operation, bytes: operation.bytes.subarray(0, Math.floor(operation.bytes.length / 2)) };
}
