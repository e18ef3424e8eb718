import { HookEvent } from '../../session/hook-event.js';

/** What a hook tells of a pause. */
export type PauseEvent = PausedEvent | ResumedEvent;

/** When the loop begins to wait. */
export class PausedEvent extends HookEvent {
  readonly type = 'paused';

  /** @param globalStep the last step that was taken */
  constructor(readonly globalStep: number) {
    super();
  }
}

/** When the loop goes on. */
export class ResumedEvent extends HookEvent {
  readonly type = 'resumed';

  /** @param seconds how long the loop waited */
  constructor(
    readonly globalStep: number,
    readonly seconds: number,
  ) {
    super();
  }
}
