import { HookEvent } from '../../session/hook-event.js';

/** How fast steps were taken since the rate was told last. */
export class StepRateEvent extends HookEvent {
  readonly type = 'stepRate';

  /**
   * @param tag what it is shown under, e.g. `global_step/sec`
   * @param steps the global steps that were counted
   * @param seconds the time that they took, with all that was done between them; above 0
   */
  constructor(
    readonly tag: string,
    readonly globalStep: number,
    readonly steps: number,
    readonly seconds: number,
  ) {
    super();
  }

  get stepsPerSecond(): number {
    return this.steps / this.seconds;
  }
}
