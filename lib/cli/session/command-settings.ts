import { duration, type OptionParser, oneOf } from '../option-parsers.js';
import type { RunFlags } from '../run.js';
import type { ConfigFile } from './config-file.js';
import { RESUME_WORDS, type ResumePolicy } from './resume-words.js';

const GRACE_SECONDS = 30;

/** A value, and where it comes from: a flag, a variable, a file, `default`. */
export interface Setting<T> {
  readonly value: T;
  readonly from: string;
}

/** What is said of a run besides the options of its session. */
export interface CommandSettings {
  readonly dir: Setting<string | undefined>;
  readonly resume: Setting<ResumePolicy>;
  readonly grace: Setting<number>;
}

/** Flag over environment over file over default. @throws UsageError for a value that is none */
export function commandSettings(
  flags: RunFlags,
  file: ConfigFile | undefined,
  env: Readonly<Record<string, string | undefined>>,
): CommandSettings {
  const first = <T>(
    flag: T | undefined,
    key: 'dir' | 'resume' | 'grace',
    parse: OptionParser<T>,
  ): Setting<T> | undefined => {
    if (flag !== undefined) return { value: flag, from: `--${key}` };
    const variable = `TIDEMARK_${key.toUpperCase()}`;
    const [text, from] = env[variable] !== undefined ? [env[variable], variable] : [file?.[key], file?.path ?? ''];
    if (text === undefined) return undefined;
    return { value: parse(text, from === variable ? variable : `${from}: ${key}`), from };
  };
  return {
    dir: first(flags.dir, 'dir', (text) => text) ?? { value: undefined, from: 'default' },
    resume: first(flags.resume, 'resume', oneOf(...RESUME_WORDS)) ?? { value: 'allow', from: 'default' },
    grace: first(flags.grace, 'grace', duration) ?? { value: GRACE_SECONDS, from: 'default' },
  };
}
