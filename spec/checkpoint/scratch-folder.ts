import { lastValueFrom, tap } from 'rxjs';
import type { CheckpointEvent } from '../../lib/checkpoint/checkpoint-event.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { type StoreSaverOptions, storeSaver } from '../../lib/checkpoint/store-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { type Logger, silentLogger } from '../../lib/log/logger.js';
import type { SessionCreatedEvent } from '../../lib/session/event.js';
import type { RestoreSource } from '../../lib/session/restore-source.js';
import type { CheckpointStore } from '../../lib/store/checkpoint-store.js';
import { fileStore } from '../../lib/store/file-store.js';
import { fakeProcessTable } from '../../lib/testing/crash/fake-process-table.js';
import { memoryFileSystem } from '../../lib/testing/crash/memory-file-system.js';
import type { FakeState } from '../../lib/testing/fake-state.js';
import { scriptedSession } from '../../lib/testing/scripted-session.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const FOLDER = '/run';

/** A folder in memory, with a store on it and a way to do to its files what no store does. */
export class ScratchFolder {
  readonly fs = memoryFileSystem();
  readonly store: CheckpointStore = this.reopen();

  /** As a new process sees it. */
  reopen(): CheckpointStore {
    return fileStore(FOLDER, { fileSystem: this.fs, processes: fakeProcessTable() });
  }

  /** All but the lock's files. */
  names(): readonly string[] {
    return this.fs
      .readdir(FOLDER)
      .filter((name) => !name.startsWith('.') && name !== 'tidemark.lock')
      .sort();
  }

  read(name: string): Uint8Array {
    const file = this.fs.openRead(`${FOLDER}/${name}`);
    const bytes = new Uint8Array(this.fs.sizeOf(file) ?? 0);
    this.fs.read(file, bytes, 0);
    this.fs.close(file);
    return bytes;
  }

  put(name: string, content: Uint8Array | string): void {
    if (this.fs.stat(FOLDER) === undefined) this.fs.mkdir(FOLDER);
    if (this.fs.stat(`${FOLDER}/${name}`) !== undefined) this.remove(name);
    const file = this.fs.openNew(`${FOLDER}/${name}`);
    this.fs.write(file, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    this.fs.close(file);
  }

  remove(name: string): void {
    this.fs.unlink(`${FOLDER}/${name}`);
  }

  /** Changes a byte in the middle of a file, or at `at`. */
  damage(name: string, at?: number): void {
    const bytes = this.read(name);
    const offset = at ?? bytes.length >> 1;
    bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
    this.put(name, bytes);
  }
}

export interface TrainOptions extends StoreSaverOptions {
  /** @default the newest of the store */
  readonly restore?: RestoreSource | undefined;
  readonly isFresh?: boolean | undefined;
  readonly logger?: Logger | undefined;
  readonly saveSteps?: number | undefined;
}

/** What a run of some steps did. */
export interface Trained {
  readonly created: SessionCreatedEvent | undefined;
  /** Phases as texts: `afterSave 3`. */
  readonly phases: readonly string[];
  readonly trainedSteps: number;
}

/** Trains up to step `steps`, with a saver on a store; all at once. */
export async function train(store: CheckpointStore, steps: number, options: TrainOptions = {}): Promise<Trained> {
  const { restore, isFresh = false, logger = silentLogger, saveSteps = 1, ...saverOptions } = options;
  const phases: string[] = [];
  let created: SessionCreatedEvent | undefined;
  let state: FakeState | undefined;
  await lastValueFrom(
    scriptedSession(`(${'1'.repeat(steps)}|)`, {
      restore: isFresh ? undefined : (restore ?? latestFrom(store, { logger })),
      logger,
    }).pipe(
      checkpointSaver(storeSaver(store, { wallClock: () => 1000, ...saverOptions }), {
        trigger: everySteps(saveSteps),
      }),
      tap((event) => {
        if (event.type === 'sessionCreated') created = event as SessionCreatedEvent;
        if (event.type === 'end') state = event.state as FakeState;
        if (event.type in PHASES) phases.push(phaseText(event as unknown as CheckpointEvent));
      }),
    ),
  );
  return { created, phases, trainedSteps: state?.model.steps ?? -1 };
}

const PHASES = { beforeSave: 1, afterSave: 1, saveFailed: 1, saveSkipped: 1, checkpointDeleted: 1 };

function phaseText(event: CheckpointEvent): string {
  return `${event.type} ${event.type === 'checkpointDeleted' ? event.checkpoint.prefix : event.globalStep}`;
}
