import { UsageError } from './usage-error.js';

/** Makes a value of what follows a flag; `flag` is for messages. @throws UsageError */
export type OptionParser<T> = (text: string, flag: string) => T;

/** For commander: reads what follows `flag`, which may be given once, or again with the same value. */
export function once<T>(flag: string, parse: OptionParser<T>): (text: string) => T {
  let given: string | undefined;
  return (text) => {
    if (given !== undefined && given !== text) {
      throw new UsageError(`${flag} is given twice, with different values: ${given} and ${text}`);
    }
    given = text;
    return parse(text, flag);
  };
}

/** For commander: the values of a repeated option. */
export function collect(text: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, text];
}

/** A whole number from `least` (to `most`), written with digits alone. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): OptionParser<number> {
  return (text, flag) => {
    const number = Number(text);
    const range = most === Number.MAX_SAFE_INTEGER ? `from ${least}` : `from ${least} to ${most}`;
    if (!/^\d+$/.test(text) || number < least) {
      throw new UsageError(`${flag} must be a whole number ${range}, got "${text}"`);
    }
    if (number > most) throw new UsageError(`${flag} is too large: it must be a whole number ${range}, got "${text}"`);
    return number;
  };
}

const UNITS = { ms: 0.001, s: 1, m: 60, h: 3600 } as const;

/** A time, in seconds: `30`, `30s`, `1.5m`, `2h`, `500ms`. */
export function duration(text: string, flag: string): number {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m|h)?$/.exec(text) ?? [];
  const seconds = Number(digits) * UNITS[unit as keyof typeof UNITS];
  if (!(seconds > 0)) throw new UsageError(`${flag} must be a time above 0, e.g. 30s or 2m, got "${text}"`);
  return seconds;
}

/** One of a few words. */
export function oneOf<const W extends string>(...words: readonly W[]): OptionParser<W> {
  return (text, flag) => {
    const word = words.find((each) => each === text);
    if (word === undefined) throw new UsageError(`${flag} must be one of ${words.join(', ')}, got "${text}"`);
    return word;
  };
}

/** Any text but the empty one. */
export function filledText(text: string, flag: string): string {
  if (text === '') throw new UsageError(`${flag} needs a value`);
  return text;
}
