import { HookEvent } from '../session/hook-event.js';

/**
 * Says that the state must not be saved from here on, until the session is created again. Savers that stand after the
 * hook that says so skip their saves.
 */
export class StateUnfitEvent extends HookEvent {
  readonly type = 'stateUnfit';

  /** @param reason e.g. `loss is NaN at step 12` */
  constructor(
    readonly globalStep: number,
    readonly reason: string,
  ) {
    super();
  }
}
