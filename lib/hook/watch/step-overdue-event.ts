import { HookEvent } from '../../session/hook-event.js';

/** When no step has finished for longer than expected. */
export class StepOverdueEvent extends HookEvent {
  readonly type = 'stepOverdue';

  /**
   * @param globalStep the last step that finished
   * @param seconds for at least how long none has
   */
  constructor(
    readonly globalStep: number,
    readonly seconds: number,
  ) {
    super();
  }
}
