import { CodedError } from './coded-error.js';

/** Thrown when two hooks feed the same key in one step. */
export class FeedConflictError extends CodedError {
  readonly code = 'FEED_CONFLICT';

  constructor(
    readonly key: string,
    readonly firstHook: string,
    readonly secondHook: string,
  ) {
    super(`feed "${key}" is given by hook "${firstHook}" and by hook "${secondHook}"`, {
      hint: 'give it in one hook only, or give the hooks different keys',
    });
  }
}
