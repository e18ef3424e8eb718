import { checkFunction } from '../../error/check-function.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { CheckpointNotFoundError } from '../../error/checkpoint-not-found-error.js';
import type { CheckpointStore, OpenedCheckpoint, StoredFile } from '../../store/checkpoint-store.js';
import { fileStore } from '../../store/file-store.js';
import type { FileSystem } from '../../store/file-system.js';
import { answerOf } from './answer-of.js';
import { type CrashReport, crashLaw } from './crash-law.js';
import type { CrashStatesOptions } from './crash-states.js';
import { fakeProcessTable } from './fake-process-table.js';
import type { MemoryFileSystem } from './memory-file-system.js';
import { observedStore, type StoreNote } from './observed-store.js';

export interface CheckpointCrashLawOptions extends CrashStatesOptions {
  /**
   * What is tried on a store in a folder that does not exist yet.
   *
   * @param reopen gives the store as a new process sees it that starts after the one before died; `fault` may break
   *   that process's file system, to make it die
   */
  readonly scenario: (
    store: CheckpointStore,
    reopen: (fault?: (fs: FileSystem) => FileSystem) => CheckpointStore,
  ) => void;
  /** The suffixes that make a checkpoint exist. */
  readonly markers: readonly string[];
  /** Reads a checkpoint to its end. @throws if it is not whole */
  readonly verify: (checkpoint: OpenedCheckpoint) => void;
  /** The files of some checkpoint: whether the next save works is tried after each crash. */
  readonly files: (prefix: string) => Iterable<StoredFile>;
  /** The newest checkpoint that a state file names. */
  readonly latestOf?: ((state: Uint8Array) => string) | undefined;
  /** Breaks the file system on purpose, to see whether the law notices. */
  readonly sabotage?: ((fs: FileSystem) => FileSystem) | undefined;
}

const OPTIONS: OptionNames<CheckpointCrashLawOptions> = {
  model: true,
  maxStates: true,
  scenario: true,
  markers: true,
  verify: true,
  files: true,
  latestOf: true,
  sabotage: true,
};

/** Where the checkpoints are. */
export const FOLDER = '/run';
const NEXT = 'model.ckpt-after-the-crash';

/**
 * What a folder of checkpoints owes its user after a crash at any moment, whatever the crash leaves:
 *
 * - a checkpoint that was acknowledged, and that nobody gave up since, is there;
 * - every checkpoint that is listed is whole, and was once asked for;
 * - the state file is the acknowledged one or the one that was about to replace it, and names a checkpoint that is there;
 * - of a checkpoint that was set aside, no file is left under its own name;
 * - the next writer gets the store, leaves no half-done file of the dead one behind, and can save, also under the
 *   name at which the dead one failed;
 * - none of this leaks an open file.
 *
 * @returns the counts and what was wrong; the caller asserts that nothing was
 */
export function checkpointCrashLaw(options: CheckpointCrashLawOptions): CrashReport {
  checkOptions('checkpointCrashLaw(options)', options, OPTIONS);
  checkFunction('checkpointCrashLaw(scenario)', options.scenario);
  checkFunction('checkpointCrashLaw(verify)', options.verify);
  checkFunction('checkpointCrashLaw(files)', options.files);
  const { scenario, sabotage, model, maxStates } = options;
  return crashLaw<StoreNote>({
    model,
    maxStates,
    sabotage,
    scenario: (healthy, note) => {
      let starts = 0;
      const reopen = (fault?: (fs: FileSystem) => FileSystem): CheckpointStore => {
        const processes = fakeProcessTable({ boot: `before ${++starts}` });
        return observedStore(fileStore(FOLDER, { fileSystem: fault?.(healthy) ?? healthy, processes }), note);
      };
      scenario(reopen(), reopen);
    },
    check: (fs, notes) => checkFolder(fs, notes, options),
  });
}

/**
 * What {@link checkpointCrashLaw} says of one disk after a crash.
 *
 * @param notes what was asked of the store and acknowledged before it
 * @throws Error if something is owed
 */
export function checkFolder(
  fs: MemoryFileSystem,
  notes: readonly StoreNote[],
  { markers, verify, files, latestOf }: Omit<CheckpointCrashLawOptions, 'scenario' | 'sabotage'>,
): void {
  const store = fileStore(FOLDER, {
    fileSystem: fs,
    processes: fakeProcessTable({ boot: 'after', token: '00000002' }),
  });
  const verified = (): ReadonlySet<string> => {
    const prefixes = answerOf(store.list(markers));
    for (const prefix of prefixes) verifyOne(store, prefix, verify);
    return new Set(prefixes);
  };
  const asked = new Set(notes.flatMap((note) => (note.type === 'writing' ? [note.prefix] : [])));
  const owed = checkpointsOwed(notes);

  const before = verified();
  for (const prefix of owed) demand(before.has(prefix), `acknowledged checkpoint ${prefix} is lost`);
  for (const prefix of before) demand(asked.has(prefix), `checkpoint ${prefix} was never written`);
  for (const prefix of checkpointsSetAside(notes)) demand(!isThere(store, prefix), `${prefix} is not all set aside`);
  checkState(answerOf(store.readState()), notes, before, latestOf);

  const lock = answerOf(store.lock());
  const leftovers = fs.readdir(FOLDER).filter((name) => name.startsWith('.tidemark-'));
  demand(leftovers.length === 0, `the next writer leaves ${leftovers.join(', ')}`);
  const failed = [...asked].filter((prefix) => !before.has(prefix));
  for (const prefix of [...failed, NEXT]) answerOf(store.write(prefix, files(prefix)));
  lock.release();

  const after = verified();
  for (const prefix of [...before, ...failed, NEXT]) demand(after.has(prefix), `${prefix} is lost after the crash`);
  demand(fs.openCount() === 0, `${fs.openCount()} files stay open`);
}

/** Those that were acknowledged and that nobody has asked to be removed or set aside. */
function checkpointsOwed(notes: readonly StoreNote[]): ReadonlySet<string> {
  const owed = new Set<string>();
  for (const note of notes) {
    if (note.type === 'written') owed.add(note.prefix);
    if (note.type === 'settingAside') owed.delete(note.prefix);
    if (note.type === 'removing') for (const prefix of note.prefixes) owed.delete(prefix);
  }
  return owed;
}

/** Those that were set aside, and not written again since. */
function checkpointsSetAside(notes: readonly StoreNote[]): ReadonlySet<string> {
  const aside = new Set<string>();
  for (const note of notes) {
    if (note.type === 'setAside') aside.add(note.prefix);
    if (note.type === 'writing') aside.delete(note.prefix);
  }
  return aside;
}

function isThere(store: CheckpointStore, prefix: string): boolean {
  try {
    answerOf(store.open(prefix)).close();
    return true;
  } catch (error) {
    if (error instanceof CheckpointNotFoundError) return false;
    throw error;
  }
}

function checkState(
  state: Uint8Array | undefined,
  notes: readonly StoreNote[],
  there: ReadonlySet<string>,
  latestOf: ((state: Uint8Array) => string) | undefined,
): void {
  const acknowledged = notes.findLastIndex(({ type }) => type === 'stated');
  const allowed = notes.slice(Math.max(0, acknowledged)).flatMap((note) => ('bytes' in note ? [note.bytes] : []));
  const isAllowed = state === undefined ? acknowledged < 0 : allowed.some((bytes) => isEqual(bytes, state));
  demand(isAllowed, 'the state file is neither the acknowledged one nor the next');
  if (state === undefined || latestOf === undefined) return;
  demand(there.has(latestOf(state)), `the state file names ${latestOf(state)}, which is not there`);
}

function verifyOne(store: CheckpointStore, prefix: string, verify: (checkpoint: OpenedCheckpoint) => void): void {
  const checkpoint = answerOf(store.open(prefix));
  try {
    verify(checkpoint);
  } catch (cause) {
    throw new Error(`${prefix} is listed but not whole: ${cause instanceof Error ? cause.message : cause}`, { cause });
  } finally {
    checkpoint.close();
  }
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at]);
}

function demand(isTrue: boolean, fault: string): void {
  if (!isTrue) throw new Error(fault);
}
