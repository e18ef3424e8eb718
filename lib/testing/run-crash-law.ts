import { lastValueFrom } from 'rxjs';
import { checkFormats } from '../checkpoint/format/check-formats.js';
import type { CheckpointFormat } from '../checkpoint/format/checkpoint-format.js';
import { DEFAULT_FORMATS } from '../checkpoint/read-checkpoint.js';
import { checkFunction } from '../error/check-function.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeReceived } from '../error/describe-received.js';
import { decodeCheckpointState } from '../format/checkpoint-state/decode-checkpoint-state.js';
import { hook } from '../hook/hook.js';
import type { OpenedCheckpoint, StoredFile } from '../store/checkpoint-store.js';
import { fileStore } from '../store/file-store.js';
import { int64Scalar } from '../tensor/make-tensor.js';
import { GLOBAL_STEP } from '../tensor/state-snapshot.js';
import { checkFolder, FOLDER } from './crash/checkpoint-crash-law.js';
import { type CrashReport, checkCrashes } from './crash/crash-law.js';
import type { CrashStatesOptions } from './crash/crash-states.js';
import { fakeProcessTable } from './crash/fake-process-table.js';
import { memoryFileSystem } from './crash/memory-file-system.js';
import { observedStore, type StoreNote } from './crash/observed-store.js';
import { LawViolationError } from './law-violation-error.js';
import type { MakeRun } from './resume-law.js';

export interface RunCrashLawOptions extends CrashStatesOptions {
  /** The global step at which the run is over. */
  readonly steps: number;
  /** How its checkpoints may be written. @default those of this library */
  readonly formats?: readonly CheckpointFormat[] | undefined;
}

const OPTIONS: OptionNames<RunCrashLawOptions> = { model: true, maxStates: true, steps: true, formats: true };

/**
 * The law of crashes: whenever the machine crashes while a run saves, and whatever of what was not synced is lost by it,
 * torn or out of order, every acknowledged checkpoint that retention has not given up is there, the newest is the last
 * acknowledged or newer, nothing half-written is ever visible, and the next run cleans up and can save.
 *
 * It takes the run to its end on a disk in memory that knows what is durable, then crashes that before and after each
 * operation. A saver that saves in a thread needs `background: 'inProcess'`, for a thread knows real disks alone.
 *
 * @returns how many crashes were looked at; rejects with a LawViolationError that names the first of what is wrong, or
 *   with what the run itself fails with
 * @throws RangeError if `steps` is no whole number from 1
 *
 * @example
 * await runCrashLaw((store) => trainingSession({ …, restore: latestFrom(store) }).pipe(
 *   checkpointSaver(storeSaver(store, { retention: keepLatest(2) }), { trigger: everySteps(5) }),
 * ), { steps: 20 });
 *
 * @see docs/guide/crash-safety.md
 */
export async function runCrashLaw(makeRun: MakeRun, options: RunCrashLawOptions): Promise<CrashReport> {
  checkFunction('runCrashLaw(makeRun)', makeRun);
  checkOptions('runCrashLaw(options)', options, OPTIONS);
  const { steps, formats = DEFAULT_FORMATS, model, maxStates } = options;
  checkFormats('runCrashLaw(formats)', formats);
  if (!(Number.isSafeInteger(steps) && steps >= 1)) {
    throw new RangeError(`runCrashLaw(steps): expected a whole number from 1, received ${describeReceived(steps)}`);
  }
  const disk = memoryFileSystem();
  const processes = fakeProcessTable({ boot: 'before 1' });
  const store = observedStore(fileStore(FOLDER, { fileSystem: disk, processes }), disk.note);
  const stop = hook('runCrashLaw', () => ({
    step: (event) => {
      if (event.globalStep >= steps) event.requestStop('the crash law has seen enough');
    },
  }));
  await lastValueFrom(makeRun(store).pipe(stop), { defaultValue: undefined });

  const markers = formats.map(({ marker }) => marker);
  const verify = (checkpoint: OpenedCheckpoint): void => verifyWith(formats, checkpoint);
  const latestOf = (state: Uint8Array): string => decodeCheckpointState(state).latest;
  const files = (prefix: string): Iterable<StoredFile> => filesOf(formats[0] as CheckpointFormat, prefix);
  const check = { markers, verify, latestOf, files };
  const report = checkCrashes<StoreNote>(disk, (fs, notes) => checkFolder(fs, notes, check), { model, maxStates });
  const [first, ...others] = report.violations;
  if (first === undefined) return report;
  const more = others.length === 0 ? '' : `, and ${others.length} more`;
  throw new LawViolationError(`a checkpoint does not survive a ${first}${more}`);
}

/** @throws if anything of it is damaged */
function verifyWith(formats: readonly CheckpointFormat[], checkpoint: OpenedCheckpoint): void {
  const suffixes = new Set(checkpoint.files.keys());
  const format = formats.find((candidate) => candidate.recognises(suffixes));
  if (format === undefined) throw new Error(`files of no known format: ${[...suffixes].join(', ')}`);
  for (const { fault } of format.open(checkpoint).verify()) if (fault !== undefined) throw fault;
}

/** Some checkpoint. */
function filesOf(format: CheckpointFormat, prefix: string): Iterable<StoredFile> {
  const globalStep = Number(/\d+$/.exec(prefix)?.[0] ?? 0);
  const snapshot = { globalStep, tensors: new Map([[GLOBAL_STEP, int64Scalar(globalStep)]]), json: null };
  return format.encode(snapshot, { globalStep, savedAt: 0, parent: undefined, metrics: new Map() });
}
