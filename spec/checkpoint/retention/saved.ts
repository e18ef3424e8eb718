import type { Checkpoint } from '../../../lib/checkpoint/checkpoint.js';
import { explain } from '../../../lib/checkpoint/retention/explain.js';
import type { Retention } from '../../../lib/checkpoint/retention/retention.js';

/** A checkpoint for tables; saved at its step in seconds unless said otherwise. */
export function saved(globalStep: number, fields: Partial<Checkpoint> = {}): Checkpoint {
  return {
    prefix: `model.ckpt-${globalStep}`,
    globalStep,
    savedAt: globalStep,
    sizeBytes: 100,
    metrics: new Map(),
    parent: undefined,
    ...fields,
  };
}

/** Checkpoints numbered from 1, the first saved after one interval. */
export function savedEvery(hours: number, count: number): readonly Checkpoint[] {
  return Array.from({ length: count }, (_, i) => saved(i + 1, { savedAt: (i + 1) * hours * 3600 }));
}

/** The steps that a retention itself gives a reason for. */
export function keptSteps(retention: Retention, checkpoints: readonly Checkpoint[]): readonly number[] {
  const reasons = retention.reasons(checkpoints);
  return checkpoints.filter((_, index) => reasons[index] !== undefined).map(({ globalStep }) => globalStep);
}

/** What is left if every checkpoint is saved in turn, and after each all that is not kept is deleted. */
export function left(retention: Retention, checkpoints: readonly Checkpoint[]): readonly number[] {
  let present: readonly Checkpoint[] = [];
  for (const checkpoint of checkpoints) {
    present = explain(retention, [...present, checkpoint])
      .filter(({ isKept }) => isKept)
      .map((verdict) => verdict.checkpoint);
  }
  return present.map(({ globalStep }) => globalStep);
}
