import { CodedError } from './coded-error.js';

/** Thrown when an event is asked to hold, veto or request something after its moment has passed. */
export class EventPassedError extends CodedError {
  readonly code = 'EVENT_PASSED';

  /**
   * @param event the type of the event, e.g. `step`
   * @param method what was called on it, e.g. `waitUntil`
   */
  constructor(
    readonly event: string,
    readonly method: string,
  ) {
    super(`${method}() came after the moment of this ${event} event: it can no longer have an effect`, {
      hint: `call ${method}() while the event is being delivered, or from work that already holds it`,
    });
  }
}
