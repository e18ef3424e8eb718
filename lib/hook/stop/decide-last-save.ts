/**
 * What a process does about saving when it has to end soon:
 *
 * - `save`: finish what goes on, and save the last step
 * - `finishRunning`: finish the save that goes on in the background, and begin none
 * - `keepLast`: begin none; the last good checkpoint is what there will be
 */
export type LastSaveDecision = 'save' | 'finishRunning' | 'keepLast';

export interface LastSaveQuestion {
  /** Until the process has to be gone. */
  readonly remainingSeconds: number;
  /** How long a save may take; `undefined` if none was measured yet. */
  readonly saveSeconds: number | undefined;
  /** How long what is saved in the background may still take; `undefined` if nothing is. */
  readonly runningSeconds: number | undefined;
}

/**
 * Decides by the time that is left. A save that is cut short harms nothing, but it takes the time in which the step
 * before it could have been finished; so where nothing was measured it is tried.
 */
export function decideLastSave({ remainingSeconds, saveSeconds, runningSeconds }: LastSaveQuestion): LastSaveDecision {
  if (saveSeconds === undefined) return 'save';
  if ((runningSeconds ?? 0) + saveSeconds <= remainingSeconds) return 'save';
  return runningSeconds !== undefined && runningSeconds <= remainingSeconds ? 'finishRunning' : 'keepLast';
}
