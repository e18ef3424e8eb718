import { concatMap, defer, from, map, type Observable, of, tap, toArray } from 'rxjs';
import { checkMethods } from '../error/check-methods.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { CheckpointExistsError } from '../error/checkpoint-exists-error.js';
import { describeReceived } from '../error/describe-received.js';
import { encodeCheckpointState } from '../format/checkpoint-state/encode-checkpoint-state.js';
import type { RestoredFrom } from '../session/restore-source.js';
import { checkStore } from '../store/check-store.js';
import type { CheckpointStore, StoreLock } from '../store/checkpoint-store.js';
import type { StateSnapshot } from '../tensor/state-snapshot.js';
import { isThreadFormat } from './background/thread-format.js';
import { openWorkerWriter } from './background/worker-writer.js';
import { checkJson } from './check-json.js';
import { checkNames } from './check-names.js';
import type { Checkpoint } from './checkpoint.js';
import { type FoundCheckpoint, findCheckpoints } from './find-checkpoints.js';
import { checkFormat } from './format/check-formats.js';
import type { CheckpointFormat } from './format/checkpoint-format.js';
import { tensorBundle } from './format/tensor-bundle.js';
import { DEFAULT_FORMATS } from './read-checkpoint.js';
import { keepLatest } from './retention/keep-latest.js';
import type { Retention } from './retention/retention.js';
import type { OpenSaver, Saver } from './saver.js';
import { type StoreWriter, storeWriter } from './store-writer.js';
import type { WriteProgress } from './write-progress.js';

export interface StoreSaverOptions {
  /** How checkpoints are written. @default tensorBundle() */
  readonly format?: CheckpointFormat | undefined;
  /** What stays. @default keepLatest(5) */
  readonly retention?: Retention | undefined;
  /** Checkpoints are named `<basename>-<globalStep>`. @default 'model.ckpt', as in TensorFlow */
  readonly basename?: string | undefined;
  /**
   * Fails the save of a state that holds NaN or an infinity, and names the tensor: what was saved before stays the
   * newest. @default false
   */
  readonly refuseNonFinite?: boolean | undefined;
  /**
   * Reads each checkpoint back and verifies every checksum before it is acknowledged; one that is damaged is set aside.
   * It finds faults of the memory and of the way to the disk, as far as the system's cache does not hide them.
   *
   * @default false
   */
  readonly verifyWrites?: boolean | undefined;
  /** Milliseconds since 1970, for showing when something was saved. @default Date.now */
  readonly wallClock?: (() => number) | undefined;
}

const OPTIONS: OptionNames<StoreSaverOptions> = {
  format: true,
  retention: true,
  basename: true,
  refuseNonFinite: true,
  verifyWrites: true,
  wallClock: true,
};

type AllOptions = { readonly [Name in keyof StoreSaverOptions]-?: NonNullable<StoreSaverOptions[Name]> };

/**
 * Saves into a store, and says in its state file what is there.
 *
 * A save is durable when it is acknowledged, and only then are older checkpoints deleted: at no instant are there fewer
 * valid checkpoints than before. Checkpoints that another program wrote are never deleted.
 */
export function storeSaver(store: CheckpointStore, options: StoreSaverOptions = {}): Saver {
  checkStore('storeSaver(store)', store);
  checkOptions('storeSaver(options)', options, OPTIONS);
  const { format = tensorBundle(), retention = keepLatest(5), basename = 'model.ckpt', wallClock = Date.now } = options;
  const { refuseNonFinite = false, verifyWrites = false } = options;
  checkFormat('storeSaver(format)', format);
  checkMethods('storeSaver(retention)', 'a retention, such as keepLatest(5)', retention, ['reasons']);
  if (basename === '' || basename === 'checkpoint' || !/^[^/\\\0]+$/.test(basename)) {
    throw new RangeError(
      `storeSaver(basename): expected a file name other than "checkpoint", received ${describeReceived(basename)}`,
    );
  }
  const settings = { format, retention, basename, refuseNonFinite, verifyWrites, wallClock };
  const openWith = (writer: StoreWriter): Observable<OpenSaver> =>
    store.lock().pipe(
      concatMap((lock) =>
        findCheckpoints(store, formatsWith(format)).pipe(
          map((found) => new OpenStoreSaver(store, lock, writer, found, settings)),
          tap({ error: () => lock.release() }),
        ),
      ),
    );
  const { folder } = store;
  const canBeLeftToThread = folder !== undefined && isThreadFormat(format.name);
  return {
    location: store.location,
    retention,
    open: () => openWith(storeWriter(store, format, settings)),
    openBackground: canBeLeftToThread
      ? (copies) =>
          openWorkerWriter(
            { settings: { folder, format: format.name, refuseNonFinite, verifyWrites }, copies },
            openWith,
          )
      : undefined,
  };
}

class OpenStoreSaver implements OpenSaver {
  readonly #store: CheckpointStore;
  readonly #lock: StoreLock;
  readonly #writer: StoreWriter;
  readonly #options: AllOptions;
  /** What makes a checkpoint exist, whoever wrote it. */
  readonly #markers: readonly string[];
  /** Oldest first. Invariant: each is committed. */
  #checkpoints: readonly FoundCheckpoint[];
  #parent: string | undefined;
  /** One that is committed, but could not be entered in the state file: its save was not acknowledged. */
  #unstated: Checkpoint | undefined;

  constructor(
    store: CheckpointStore,
    lock: StoreLock,
    writer: StoreWriter,
    found: readonly FoundCheckpoint[],
    options: AllOptions,
  ) {
    this.#store = store;
    this.#lock = lock;
    this.#writer = writer;
    this.#checkpoints = found;
    this.#options = options;
    this.#markers = formatsWith(options.format).map(({ marker }) => marker);
  }

  has(globalStep: number): boolean {
    return this.#checkpoints.some((checkpoint) => checkpoint.globalStep === globalStep);
  }

  startFrom(restored: RestoredFrom | undefined): Observable<void> {
    return defer(() => {
      // Of another attempt, which may have come to the step by another way.
      this.#unstated = undefined;
      if (restored === undefined || !this.#isFromHere(restored)) {
        const newest = this.#ours.at(-1);
        if (newest !== undefined) {
          throw new CheckpointExistsError(newest.prefix, this.#store.location, {
            hint: 'resume with `restore: latestFrom(store)`, or use another folder',
          });
        }
        this.#parent = undefined;
        return of(undefined);
      }
      this.#parent = restored.prefix;
      const damaged = new Set(restored.skipped.map(({ prefix }) => prefix));
      const aside = this.#checkpoints.filter(
        ({ prefix, globalStep, isOurs, isRecordDamaged }) =>
          (isOurs && globalStep > restored.globalStep) || ((isOurs || isRecordDamaged) && damaged.has(prefix)),
      );
      if (aside.length === 0) return of(undefined);
      this.#checkpoints = this.#checkpoints.filter((checkpoint) => !aside.includes(checkpoint));
      // The state file first: at no instant does it name a checkpoint that is not there.
      return this.#writeState(restored.prefix).pipe(
        concatMap(() => from(aside)),
        concatMap(({ prefix }) => this.#store.quarantine(prefix, this.#markers)),
        toArray(),
        map(() => undefined),
      );
    });
  }

  save(snapshot: StateSnapshot, metrics: ReadonlyMap<string, number>): Observable<WriteProgress | Checkpoint> {
    return defer(() => {
      checkNames(snapshot);
      checkJson(snapshot);
      const { basename, wallClock } = this.#options;
      const { globalStep } = snapshot;
      const prefix = `${basename}-${globalStep}`;
      const unstated = this.#unstated;
      // The step is tried again, and all that is missing is the entry.
      if (unstated !== undefined && unstated.prefix === prefix) return this.#state(unstated);
      // Of another format, it would have files of other names, and the store would not see that there are two.
      if (this.#checkpoints.some((checkpoint) => checkpoint.prefix === prefix)) {
        throw new CheckpointExistsError(prefix, this.#store.location);
      }
      const savedAt = wallClock() / 1000;
      if (!Number.isFinite(savedAt)) {
        throw new RangeError(`storeSaver(wallClock): expected milliseconds since 1970, received ${savedAt * 1000}`);
      }
      const parent = this.#parent;
      return this.#writer.write(prefix, snapshot, { globalStep, savedAt, parent, metrics }).pipe(
        concatMap((report) => {
          if (typeof report !== 'number') return of(report);
          const checkpoint = { prefix, globalStep, savedAt, sizeBytes: report, metrics, parent };
          this.#checkpoints = [...this.#checkpoints, { ...checkpoint, isOurs: true, isRecordDamaged: false }];
          this.#parent = prefix;
          return this.#state(checkpoint);
        }),
      );
    });
  }

  retain(): Observable<Checkpoint> {
    return defer(() => {
      const victims = this.#victims();
      if (victims.length === 0) return from(victims);
      return this.#writer
        .remove(
          victims.map(({ prefix }) => prefix),
          this.#markers,
        )
        .pipe(
          concatMap(() => {
            this.#checkpoints = this.#checkpoints.filter((checkpoint) => !victims.includes(checkpoint));
            return from(victims);
          }),
        );
    });
  }

  close(): void {
    this.#lock.release();
  }

  get #ours(): readonly FoundCheckpoint[] {
    return this.#checkpoints.filter(({ isOurs }) => isOurs);
  }

  #isFromHere({ prefix, location = this.#store.location }: RestoredFrom): boolean {
    return location === this.#store.location && this.#checkpoints.some((checkpoint) => checkpoint.prefix === prefix);
  }

  #victims(): readonly FoundCheckpoint[] {
    const ours = this.#ours;
    const reasons = this.#options.retention.reasons(ours);
    return ours.filter((_, index) => reasons[index] === undefined && index < ours.length - 1);
  }

  #state(checkpoint: Checkpoint): Observable<Checkpoint> {
    this.#unstated = checkpoint;
    return this.#writeState(checkpoint.prefix).pipe(
      map(() => {
        this.#unstated = undefined;
        return checkpoint;
      }),
    );
  }

  /** Enters what is to stay: what goes is out of the state file before it is deleted. */
  #writeState(latest: string): Observable<void> {
    const victims = this.#victims();
    const isLatest = ({ prefix }: FoundCheckpoint): boolean => prefix === latest;
    const kept = [
      ...this.#ours.filter((checkpoint) => !victims.includes(checkpoint) && !isLatest(checkpoint)),
      ...this.#checkpoints.filter(isLatest),
    ];
    return this.#writer.writeState(
      encodeCheckpointState({
        latest,
        all: kept.map(({ prefix }) => prefix),
        timestamps: kept.map(({ savedAt }) => savedAt),
      }),
    );
  }
}

/** The formats in which checkpoints may lie beside those of `format`. */
function formatsWith(format: CheckpointFormat): readonly CheckpointFormat[] {
  return [format, ...DEFAULT_FORMATS.filter(({ marker }) => marker !== format.marker)];
}
