import { checkObject } from '../../../error/check-object.js';

/** @throws TypeError naming `where` for what `buildTimeline` has not made */
export function checkTimeline(where: string, timeline: unknown): void {
  checkObject(where, 'a timeline, as buildTimeline(run) makes it', timeline);
  checkObject(where, 'a timeline, as buildTimeline(run) makes it', (timeline as { blocks?: unknown }).blocks);
}
