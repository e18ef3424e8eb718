import type { FileVersionEvent } from './tf-event.js';

/** What the first event of every event file says, letter for letter. */
export const FILE_VERSION = 'brain.Event:2';

/**
 * The event that an event file begins with.
 *
 * @param wallTime seconds since 1970
 * @param sourceWriter the program that writes; left out if not given
 */
export function fileVersionEvent(wallTime: number, sourceWriter?: string): FileVersionEvent {
  return { type: 'fileVersion', fileVersion: FILE_VERSION, wallTime, step: 0, sourceWriter };
}

/** The version in a file_version: 2 for `brain.Event:2`; `undefined` if it is of another form. */
export function parseFileVersion(fileVersion: string): number | undefined {
  const match = /^brain\.Event:([0-9]+(?:\.[0-9]+)?)$/.exec(fileVersion);
  return match === null ? undefined : Number(match[1]);
}
