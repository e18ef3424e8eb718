import type { ObservableInput } from 'rxjs';
import type { Checkpointable } from './checkpointable.js';

/**
 * What a session trains on. Pulled, never pushed: one batch is asked for when the loop wants it, and the end of the
 * input is a normal end of the run.
 *
 * An iterable is opened anew by each run. Its position is kept in checkpoints as a count, and a resumed run skips that
 * many batches, which is right if the iterable gives the same batches each time. A {@link ResumableInput} keeps its
 * own position and skips nothing.
 */
export type Input<T> = Iterable<T> | AsyncIterable<T> | ResumableInput<T>;

/** An input whose position is part of the checkpoint. */
export interface ResumableInput<T> {
  /** A cursor at the start, for one run. */
  open(): InputCursor<T>;
}

/** One run's place in its input. Between two batches, `capture` gives that place and `restore` goes there. */
export interface InputCursor<T> extends Checkpointable {
  /** The next batch, at once or asynchronously; `done` ends the run. */
  next(): IteratorResult<T, unknown> | ObservableInput<IteratorResult<T, unknown>>;
  /** Lets go of files and other resources; called once, at the end of the run, however it ends. */
  close?(): void;
}
