import { checkObject } from '../../../error/check-object.js';
import type { TimelineBlocks } from './timeline.js';

export interface TimedStep {
  /** The global step after it. */
  readonly step: number;
  /** When it finished, in milliseconds since the start of the run. */
  readonly at: number;
}

/** The first stretch that ends at or after `at`. */
export function blockAt(blocks: TimelineBlocks, at: number): number {
  let [low, high] = [0, blocks.until.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((blocks.until[middle] as number) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The steps of one stretch. Their times are spread evenly over it; their number and its ends are exact. */
export function* stepsOf(blocks: TimelineBlocks, index: number): Generator<TimedStep, void, undefined> {
  const [since, until] = [blocks.since[index] as number, blocks.until[index] as number];
  const [from, to, count] = [blocks.from[index] as number, blocks.to[index] as number, blocks.count[index] as number];
  for (let k = 1; k <= count; k++) {
    yield { step: from + Math.round((k * (to - from)) / count), at: since + (k * (until - since)) / count };
  }
}

/** When a global step was first reached, or `undefined` if it was not. */
export function timeOfStep(blocks: TimelineBlocks, step: number): number | undefined {
  checkObject('timeOfStep(blocks)', 'the blocks of a timeline', blocks);
  for (let i = 0; i < blocks.to.length; i++) {
    const [from, to] = [blocks.from[i] as number, blocks.to[i] as number];
    if (step > to || step < from) continue;
    const [since, until] = [blocks.since[i] as number, blocks.until[i] as number];
    return to === from ? until : since + ((step - from) / (to - from)) * (until - since);
  }
  return undefined;
}
