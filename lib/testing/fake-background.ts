import { defer, EMPTY, from, map, Observable, type ObservableInput, of, take, throwError } from 'rxjs';
import type { BackgroundWriter, TakenSnapshot } from '../checkpoint/background/background-writer.js';
import type { Checkpoint } from '../checkpoint/checkpoint.js';
import type { OpenSaver, Saver } from '../checkpoint/saver.js';
import type { WriteProgress } from '../checkpoint/write-progress.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import type { RestoredFrom } from '../session/restore-source.js';

export interface FakeBackgroundOptions {
  /**
   * How long a write takes and how it ends: its first value, or its completion, is the moment at which the checkpoint
   * is durable, its error the failure; values `{ writtenBytes }` before that are how far it is, of 24 bytes. `attempt`
   * is 1 for the first try of a copy. @default at once
   */
  readonly write?: ((globalStep: number, attempt: number) => ObservableInput<unknown>) | undefined;
  /** How long the copy takes. @default at once */
  readonly take?: ((globalStep: number) => ObservableInput<unknown>) | undefined;
  /** The steps that are deleted after a step was saved. @default none */
  readonly retain?: ((savedStep: number) => readonly number[]) | undefined;
}

const OPTIONS: OptionNames<FakeBackgroundOptions> = { write: true, take: true, retain: true };

/** Makes a saver whose background is drawn, for {@link asyncCheckpointSaver} in virtual time. */
export function fakeBackground(options: FakeBackgroundOptions = {}): FakeBackground {
  checkOptions('fakeBackground(options)', options, OPTIONS);
  return new FakeBackground(options);
}

/** Of every state, whatever is in it. */
const SIZE_BYTES = 24;

/** A saver that writes nothing and notes down what it is asked for. */
export class FakeBackground implements Saver {
  readonly location = 'nowhere';
  /** The steps that were written, in order. */
  readonly written: number[] = [];
  /** The steps whose writing was given up. */
  readonly givenUp: number[] = [];
  /** What each run started from. */
  readonly startedFrom: (string | undefined)[] = [];
  /** The steps at which memory was made ready before anything was copied. */
  readonly preparedAt: number[] = [];
  /** For how many copies it was opened. */
  copies = 0;
  /** How many copies are held now, and the most that ever were. */
  held = 0;
  mostHeld = 0;
  isClosed = false;
  readonly #options: FakeBackgroundOptions;

  constructor(options: FakeBackgroundOptions) {
    this.#options = options;
  }

  open(): Observable<OpenSaver> {
    return throwError(() => new Error('FakeBackground: expected to be opened for the background'));
  }

  readonly openBackground = (copies: 1 | 2): Observable<BackgroundWriter> =>
    defer(() => {
      this.copies = copies;
      this.isClosed = false;
      return of(this.#writer());
    });

  #writer(): BackgroundWriter {
    const { take: taking = () => [0], retain = () => [] } = this.#options;
    return {
      has: (globalStep) => this.written.includes(globalStep),
      startFrom: (restored: RestoredFrom | undefined) =>
        defer(() => {
          this.startedFrom.push(restored?.prefix);
          return of(undefined);
        }),
      prepare: ({ globalStep }) => {
        this.preparedAt.push(globalStep);
      },
      take: ({ globalStep }) =>
        defer(() => from(taking(globalStep))).pipe(
          take(1),
          map(() => this.#take(globalStep)),
        ),
      retain: () =>
        defer(() => from(retain(this.written.at(-1) ?? 0))).pipe(map((globalStep) => checkpointAt(globalStep))),
      close: () => {
        this.isClosed = true;
      },
    };
  }

  #take(globalStep: number): TakenSnapshot {
    this.held++;
    this.mostHeld = Math.max(this.mostHeld, this.held);
    let attempt = 0;
    let isReleased = false;
    return {
      globalStep,
      sizeBytes: SIZE_BYTES,
      write: () => this.#write(globalStep, ++attempt),
      release: () => {
        if (!isReleased) this.held--;
        isReleased = true;
      },
    };
  }

  #write(globalStep: number, attempt: number): Observable<WriteProgress | Checkpoint> {
    return new Observable((subscriber) => {
      let isOver = false;
      const done = (): void => {
        if (isOver) return;
        isOver = true;
        this.written.push(globalStep);
        subscriber.next(checkpointAt(globalStep));
        subscriber.complete();
      };
      subscriber.add(() => {
        if (!isOver) this.givenUp.push(globalStep);
        isOver = true;
      });
      subscriber.add(
        defer(() => this.#options.write?.(globalStep, attempt) ?? EMPTY).subscribe({
          next: (value) => (isProgress(value) ? subscriber.next(value) : done()),
          complete: done,
          error: (error: unknown) => {
            isOver = true;
            subscriber.error(error);
          },
        }),
      );
    });
  }
}

function isProgress(value: unknown): value is WriteProgress {
  return typeof value === 'object' && value !== null && 'writtenBytes' in value;
}

function checkpointAt(globalStep: number): Checkpoint {
  return {
    prefix: `model.ckpt-${globalStep}`,
    globalStep,
    savedAt: 0,
    sizeBytes: SIZE_BYTES,
    metrics: new Map(),
    parent: undefined,
  };
}
