import { CodedError } from './coded-error.js';

/** An error as it is told, without what it may hold of secrets. */
export interface RecordedError {
  readonly name: string;
  readonly message: string;
  readonly code?: string | undefined;
}

/** In a replay: an error that the recorded run met, as it was told then. */
export class RecordedRunError extends CodedError {
  readonly code = 'RECORDED_ERROR';

  /** @param recorded its name, code and message in the run that was recorded */
  constructor(readonly recorded: RecordedError) {
    super(recorded.code === undefined ? `${recorded.name}: ${recorded.message}` : recorded.message);
  }
}
