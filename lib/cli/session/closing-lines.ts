import { join } from 'node:path';
import { RUNS } from '../runs-folder.js';
import { type Story, savedText } from './story.js';

/** Where a run is, for commands that are typed in its folder's neighbourhood. */
export interface RunPlace {
  readonly name: string;
  /** As it is shown: relative to the working folder. */
  readonly shownDir: string;
}

/** What to type to go on with a run. */
export function resumeCommand({ name, shownDir }: RunPlace): string {
  return `npx tidemark resume ${shownDir === join(RUNS, name) ? name : shownDir}`;
}

/** What is said at the end of a run that did not fail. */
export function closingLines(story: Story, place: RunPlace, totalSteps: number | undefined): string {
  const { globalStep, prefix } = story;
  if (prefix === undefined) return `  done       step ${globalStep}; nothing was saved\n`;
  const isUnfinished = totalSteps === undefined || globalStep < totalSteps;
  const { name, shownDir } = place;
  const root = shownDir === join(RUNS, name) ? '' : ` ${shownDir}`;
  return [
    `  saved      ${savedText(story)}  ${join(shownDir, prefix)}\n`,
    ...(isUnfinished ? [`  resume     ${resumeCommand(place)}\n`] : []),
    `  look       npx tidemark dashboard${root}\n`,
  ].join('');
}

/** What is said of a run that failed or was ended at once: where it can go on. */
export function lastGoodLines({ prefix }: Story, place: RunPlace): string {
  if (prefix === undefined) return '';
  return `  last good  ${join(place.shownDir, prefix)}\n  resume     ${resumeCommand(place)}\n`;
}
