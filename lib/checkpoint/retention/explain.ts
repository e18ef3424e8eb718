import { checkMethods } from '../../error/check-methods.js';
import type { Checkpoint } from '../checkpoint.js';
import type { Retention } from './retention.js';

/** What a retention makes of one checkpoint. */
export interface RetentionVerdict {
  readonly checkpoint: Checkpoint;
  readonly isKept: boolean;
  /** Why it is kept, or that nothing keeps it. */
  readonly reason: string;
}

/**
 * Says of each checkpoint whether `retention` keeps it, and why. Nothing is deleted.
 *
 *     explain(keepAnyOf(keepLatest(1), keepEverySteps(20)), saved)
 *
 *     model.ckpt-0    kept     the first from step 0 on
 *     model.ckpt-10   deleted  not kept by keepAnyOf(keepLatest(1), keepEverySteps(20))
 *     model.ckpt-20   kept     among the latest 1; the first from step 20 on
 *
 * @param checkpoints all there are, oldest first
 * @returns one verdict for each, in the same order
 */
export function explain(retention: Retention, checkpoints: readonly Checkpoint[]): readonly RetentionVerdict[] {
  checkMethods('explain(retention)', 'a retention, such as keepLatest(5)', retention, ['reasons']);
  checkMethods('explain(checkpoints)', 'a list of checkpoints', checkpoints, ['map']);
  const reasons = retention.reasons(checkpoints);
  return checkpoints.map((checkpoint, index) => {
    const reason = reasons[index] ?? (index === checkpoints.length - 1 ? 'the newest is always kept' : undefined);
    return { checkpoint, isKept: reason !== undefined, reason: reason ?? `not kept by ${retention.name}` };
  });
}
