import { UsageError } from '../usage-error.js';

const MANNERS =
  'brisk calm clear dull eager fair glad keen kind mild neat pale plain quick quiet rapid still swift warm wide'.split(
    ' ',
  );
const ANIMALS =
  'crab crane curlew dunlin eider gannet gull heron knot mussel otter petrel plover seal skua stint tern turtle urchin whelk'.split(
    ' ',
  );
/** Names that Windows keeps to itself. */
const DEVICES = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** A name for a run that nobody has given one, e.g. `brisk-heron`; not in `taken`. */
export function newRunName(taken: ReadonlySet<string>, uniform: () => number = Math.random): string {
  const pick = (words: readonly string[]): string => words[Math.floor(uniform() * words.length)] as string;
  for (let tries = 0; tries < 50; tries++) {
    const name = `${pick(MANNERS)}-${pick(ANIMALS)}`;
    if (!taken.has(name)) return name;
  }
  let number = 2;
  const base = `${pick(MANNERS)}-${pick(ANIMALS)}`;
  while (taken.has(`${base}-${number}`)) number++;
  return `${base}-${number}`;
}

/**
 * Refuses a name of a run that is no name of a folder everywhere.
 *
 * @throws UsageError
 */
export function checkRunName(name: string): void {
  const isFit = /^[\p{L}\p{N}_][\p{L}\p{N}._ -]*$/u.test(name) && Buffer.byteLength(name) <= 100 && !DEVICES.test(name);
  if (isFit && !name.endsWith('.') && !name.endsWith(' ')) return;
  throw new UsageError(
    `--name ${JSON.stringify(name.slice(0, 60))}: a run name may hold letters, digits, "-", "_" and ".", at most 100 bytes`,
  );
}
