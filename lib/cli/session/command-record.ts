import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../usage-error.js';

/** How a run was started, so that it can be started again: `tidemark.command.json` in its folder. */
export interface CommandRecord {
  /** After `tidemark`, e.g. `['run', 'train.ts', '--set', 'lr=0.1']`. */
  readonly args: readonly string[];
  /** Where; absolute. */
  readonly cwd: string;
  /** Options that were set and whose values are secrets: they are to be given again. */
  readonly withheld: readonly string[];
}

export const COMMAND_RECORD_NAME = 'tidemark.command.json';

/** Writes the record, in place of an earlier one, whole or not at all. */
export function writeCommandRecord(dir: string, { args, cwd, withheld }: CommandRecord): void {
  const path = join(dir, COMMAND_RECORD_NAME);
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, `${JSON.stringify({ v: 1, args, cwd, ...(withheld.length > 0 ? { withheld } : {}) })}\n`);
  renameSync(temporary, path);
}

/**
 * Reads the record of a folder; `undefined` if there is none.
 *
 * @throws UsageError if it cannot be understood
 */
export function readCommandRecord(dir: string): CommandRecord | undefined {
  const path = join(dir, COMMAND_RECORD_NAME);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    // Not there, or not to be read: either way nothing is known of the command.
    return undefined;
  }
  try {
    const { v, args, cwd, withheld = [] } = Object(JSON.parse(text)) as Record<string, unknown>;
    if (v === 1 && typeof cwd === 'string' && isTexts(args) && isTexts(withheld)) {
      return { args, cwd, withheld };
    }
  } catch {
    // No JSON: said below.
  }
  throw new UsageError(`${path} does not say how the run was started`, 'start it with the command that you gave then');
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}

/** A command as one would type it. */
export function typedCommand(args: readonly string[]): string {
  const quoted = args.map((each) => (/^[\w@%+=:,./-]+$/.test(each) ? each : `'${each.replaceAll("'", "'\\''")}'`));
  return ['npx tidemark', ...quoted].join(' ');
}
