import { asyncScheduler, Observable, type SchedulerLike, Subscription } from 'rxjs';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { checkPath } from '../../error/check-path.js';
import { describeReceived } from '../../error/describe-received.js';
import { errnoOf, type FileSystem } from '../../store/file-system.js';
import { nodeFileSystem } from '../../store/node-file-system.js';
import { eventFilesOf } from '../event-file/event-file-name.js';
import { FileTail } from './file-tail.js';
import type { TailedEvent } from './tailed-event.js';

export interface TailEventsOptions {
  /** How long to wait between two looks at the folder. @default 1 */
  readonly intervalSeconds?: number | undefined;
  /** Completes when everything that is there was told, instead of waiting for more. @default false */
  readonly isOnce?: boolean | undefined;
  /** Whose time passes between the looks. @default asyncScheduler */
  readonly scheduler?: SchedulerLike | undefined;
  /** Default: the machine's. */
  readonly fileSystem?: FileSystem | undefined;
}

const OPTIONS: OptionNames<TailEventsOptions> = {
  intervalSeconds: true,
  isOnce: true,
  scheduler: true,
  fileSystem: true,
};

/**
 * The events of a run's folder, those that are there and those that are still to come, in the order in which readers
 * take them: file by file in byte order of their names, from the start.
 *
 * Files appear, grow and go while they are followed. A record of which a part is there is waited for; a folder that is
 * not there, too. What cannot be read is told as a `fault` with the file, the byte and the reason, once, and the other
 * files go on. No length in a file is believed before so many bytes are there.
 *
 * It never fails, and completes only with `isOnce`. Each subscription reads from the start.
 *
 * @throws TypeError, RangeError for wrong arguments
 *
 * @example
 * const view = new RunView();
 * tailEvents('logs/train').subscribe((told) => {
 *   if (told.type === 'event') view.add(told.event);
 * });
 */
export function tailEvents(directory: string, options: TailEventsOptions = {}): Observable<TailedEvent> {
  checkOptions('tailEvents(options)', options, OPTIONS);
  const { intervalSeconds = 1, isOnce = false, scheduler = asyncScheduler, fileSystem = nodeFileSystem } = options;
  checkPath('tailEvents(directory)', directory);
  if (!(intervalSeconds > 0)) {
    throw new RangeError(
      `tailEvents(intervalSeconds): expected a number above 0, received ${describeReceived(intervalSeconds)}`,
    );
  }
  return new Observable((subscriber) => {
    const folder = new FolderTail(fileSystem, fileSystem.resolve(directory));
    let waiting = Subscription.EMPTY;
    const look = (): void => {
      for (const told of folder.read()) {
        subscriber.next(told);
        if (subscriber.closed) return;
      }
      if (isOnce) subscriber.complete();
      else waiting = scheduler.schedule(look, intervalSeconds * 1000);
    };
    look();
    return () => waiting.unsubscribe();
  });
}

/** Follows all event files of one folder. */
class FolderTail {
  readonly #fs: FileSystem;
  readonly #folder: string;
  readonly #files = new Map<string, FileTail>();
  #reason: string | undefined;

  constructor(fs: FileSystem, folder: string) {
    this.#fs = fs;
    this.#folder = folder;
  }

  *read(): Generator<TailedEvent, void, undefined> {
    const names = yield* this.#list();
    if (names === undefined) return;
    for (const [name, tail] of this.#files) {
      if (names.includes(name)) continue;
      this.#files.delete(name);
      if (tail.wasRead) yield { type: 'reset', file: name };
    }
    for (const name of names) {
      let tail = this.#files.get(name);
      if (tail === undefined) {
        tail = new FileTail(this.#fs, `${this.#folder}/${name}`, name);
        this.#files.set(name, tail);
      }
      yield* tail.read();
    }
  }

  /** `undefined` if the folder cannot be read now. */
  *#list(): Generator<TailedEvent, readonly string[] | undefined, undefined> {
    try {
      const names = eventFilesOf(this.#fs.readdir(this.#folder));
      this.#reason = undefined;
      return names;
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return [];
      const reason = error instanceof Error ? error.message : String(error);
      if (reason === this.#reason) return undefined;
      this.#reason = reason;
      yield { type: 'fault', file: '.', offset: 0, reason, error };
      return undefined;
    }
  }
}
