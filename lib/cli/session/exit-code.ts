import { SIGNAL_EXIT_CODES, type StopSignal } from '../../node.js';

const PREEMPTED = 75;
const NOT_FINITE = 5;
const MOST_CAUSES = 10;

/** The exit code of a run that ended in order. */
export function exitCodeOfEnd(signal: StopSignal | undefined, isPreemptible: boolean): number {
  if (signal === undefined) return 0;
  return isPreemptible ? PREEMPTED : SIGNAL_EXIT_CODES[signal];
}

/** The exit code of a run that failed with `error`, which otherwise means `code`. */
export function exitCodeOfFailure(error: unknown, code: number): number {
  return code === 1 && isNanLoss(error) ? NOT_FINITE : code;
}

function isNanLoss(error: unknown): boolean {
  for (let link = error, depth = 0; link instanceof Error && depth < MOST_CAUSES; link = link.cause, depth++) {
    if ('code' in link && link.code === 'NAN_LOSS') return true;
  }
  return false;
}
