import { type Observable, Subject, takeUntil } from 'rxjs';
import { checkMethods } from '../error/check-methods.js';
import { checkOptions, type OptionNames } from '../error/check-options.js';
import { describeValue } from './describe-value.js';

const LAST_SHOWN = 10;

export interface CollectOptions {
  /** @default 10_000 */
  readonly limitMilliseconds?: number | undefined;
  /** How many values there may be. @default as many as there are */
  readonly maxValues?: number | undefined;
}

const OPTIONS: OptionNames<CollectOptions> = { limitMilliseconds: true, maxValues: true };

/**
 * All values of a stream, when it has completed. In real time, for what cannot run in virtual time: files, workers,
 * TensorFlow.js. If it takes too long or says too much, it is unsubscribed, and the error tells its last words.
 *
 * @returns rejects with the stream's error, if it fails
 */
export function collect<T>(source: Observable<T>, options: CollectOptions = {}): Promise<T[]> {
  checkMethods('collect(source)', 'an observable', source, ['pipe', 'subscribe']);
  checkOptions('collect(options)', options, OPTIONS);
  const { limitMilliseconds = 10_000, maxValues = Number.POSITIVE_INFINITY } = options;
  return new Promise((resolve, reject) => {
    const values: T[] = [];
    // Works for a stream that never lets go, too: there is no subscription yet while it speaks at once.
    const enough = new Subject<void>();
    const giveUp = (fault: string): void => {
      const last = values.slice(-LAST_SHOWN).map((value) => `\n  ${describeValue(value)}`);
      const heading = last.length === 0 ? 'it said nothing' : `the last of its ${values.length} values:`;
      reject(new Error(`collect(): the stream ${fault}; ${heading}${last.join('')}`));
      enough.next();
    };
    const timer = setTimeout(() => giveUp(`did not complete within ${limitMilliseconds} ms`), limitMilliseconds);
    source.pipe(takeUntil(enough)).subscribe({
      next: (value) => {
        values.push(value);
        if (values.length === maxValues + 1) giveUp(`has more than ${maxValues} values`);
      },
      error: (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
      complete: () => {
        clearTimeout(timer);
        resolve(values);
      },
    });
  });
}
