import { compareUtf8 } from '../../format/compare-utf8.js';

/** What the name of every event file has in it, by which readers find them. */
export const EVENT_FILE_MARK = 'tfevents';

const OWN = /^events\.out\.tfevents\.(\d{1,15})\./;
const SECONDS_DIGITS = 10;

/**
 * A name for a new event file, `events.out.tfevents.<seconds>.<host>.<pid>.<n><suffix>`, which sorts after those of all
 * files that are there: readers take the files of a run in the order of their names. Where the clock has not moved on
 * since the newest file, or was set back, the seconds are one more than that file's.
 *
 * @param names what is in the folder
 */
export function eventFileName(
  names: readonly string[],
  { seconds, host, pid, suffix }: { readonly seconds: number; readonly host: string; pid: number; suffix: string },
): string {
  const own = names.filter((name) => OWN.test(name));
  const newest = own.reduce((last, name) => Math.max(last, secondsOf(name)), -1);
  const stamp = Math.max(Math.floor(seconds), newest + 1, 0);
  const digits = String(stamp).padStart(SECONDS_DIGITS, '0');
  return `events.out.tfevents.${digits}.${host}.${pid}.${own.length}${suffix}`;
}

/** The event files among `names`, in the order in which they are read. */
export function eventFilesOf(names: readonly string[]): string[] {
  return names.filter((name) => name.includes(EVENT_FILE_MARK) && !name.endsWith('.profile-empty')).sort(compareUtf8);
}

function secondsOf(name: string): number {
  return Number(OWN.exec(name)?.[1]);
}
