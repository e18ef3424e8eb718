import { checkOptions, type OptionNames } from '../../../error/check-options.js';
import type { ByteSource } from '../../byte-source.js';
import { readEvents } from '../read-events.js';
import { RunView } from './run-view.js';

export interface ReadRunOptions {
  /** What to do where a file ends inside a record: `await` (default) goes on with the next file, `refuse` throws. */
  readonly tail?: 'await' | 'refuse' | undefined;
}

const OPTIONS: OptionNames<ReadRunOptions> = { tail: true };

/**
 * What TensorBoard shows of a run.
 *
 * @param files the run's event files, in byte order of their names
 * @throws CorruptDataError at the first broken record or value; TensorBoard would stop there and say nothing
 */
export function readRun(files: Iterable<ByteSource>, options: ReadRunOptions = {}): RunView {
  checkOptions('readRun(options)', options, OPTIONS);
  const { tail = 'await' } = options;
  const view = new RunView();
  for (const file of files) {
    for (const { event, offset } of readEvents(file, { tail })) view.add(event, `${file.name}, byte ${offset}`);
  }
  return view;
}
