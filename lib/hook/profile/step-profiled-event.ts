import { HookEvent } from '../../session/hook-event.js';

/** When the profile of a step is kept. */
export class StepProfiledEvent extends HookEvent {
  readonly type = 'stepProfiled';

  /**
   * @param globalStep the step that was profiled, as it was counted after it
   * @param names of what was written, e.g. `timeline-200.json`
   * @param seconds from before the step to when nothing held it any more
   */
  constructor(
    readonly globalStep: number,
    readonly names: readonly string[],
    readonly seconds: number,
  ) {
    super();
  }
}
