import { HookEvent } from '../../session/hook-event.js';

/** What `finalOps` computed at the end of the run. */
export class FinalValuesEvent<T = unknown> extends HookEvent {
  readonly type = 'finalValues';

  constructor(
    readonly globalStep: number,
    readonly values: T,
  ) {
    super();
  }
}
