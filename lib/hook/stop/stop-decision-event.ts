import { HookEvent } from '../../session/hook-event.js';
import type { LastSaveDecision } from './decide-last-save.js';

/**
 * What a process that was told to end within a grace period does about saving. It comes with the signal, again when the
 * decision changes before a save, and as `exit` when the grace is over: right after it the process is gone.
 */
export class StopDecisionEvent extends HookEvent {
  readonly type = 'stopDecision';

  /**
   * @param signal e.g. `SIGTERM`
   * @param remainingSeconds until the grace is over
   * @param saveSeconds how long a save may take, by those that were measured; `undefined` if none was
   * @param lastSaved the newest acknowledged checkpoint's prefix, as far as the hook that decides has heard of one
   */
  constructor(
    readonly signal: string,
    readonly decision: LastSaveDecision | 'exit',
    readonly remainingSeconds: number,
    readonly saveSeconds: number | undefined,
    readonly lastSaved: string | undefined,
  ) {
    super();
  }
}
