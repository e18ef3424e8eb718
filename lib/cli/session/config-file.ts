import { existsSync, readFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { closestName } from '../../node.js';
import { UsageError } from '../usage-error.js';
import { importModule } from './import-module.js';
import type { OptionTree } from './run-options.js';

/** What a configuration file can say. */
export interface ConfigFile {
  /** As it is shown. */
  readonly path: string;
  readonly dir: string | undefined;
  readonly resume: string | undefined;
  readonly grace: string | undefined;
  /** Of the session. */
  readonly options: OptionTree;
}

const NAMES = ['tidemark.config.ts', 'tidemark.config.js', 'tidemark.config.mjs', 'tidemark.config.json'];
const KEYS = ['dir', 'resume', 'grace', 'options'];

/**
 * Reads the configuration file: the one named, or else the first of `tidemark.config.{ts,js,mjs,json}` in the folder.
 *
 * @returns `undefined` if none is named and none is there
 * @throws UsageError if it cannot be read, or says something that is not known
 */
export async function readConfigFile(cwd: string, named: string | undefined): Promise<ConfigFile | undefined> {
  const path = named ?? NAMES.find((name) => existsSync(join(cwd, name)));
  if (path === undefined) return undefined;
  const value = await contentOf(resolve(cwd, path), path);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new UsageError(
      `${path}: expected an object with ${KEYS.join(', ')}, got ${value === null ? 'null' : typeof value}`,
    );
  }
  for (const key of Object.keys(value)) {
    if (KEYS.includes(key)) continue;
    const near = closestName(key, KEYS);
    throw new UsageError(
      `${path}: unknown key "${key}"`,
      near === undefined
        ? `options of the session go under "options"; known are ${KEYS.join(', ')}`
        : `did you mean "${near}"?`,
    );
  }
  const { dir, resume, grace, options = {} } = value as Record<string, unknown>;
  if (typeof options !== 'object' || options === null) throw new UsageError(`${path}: "options" must be an object`);
  return {
    path,
    dir: text(path, 'dir', dir),
    resume: text(path, 'resume', resume),
    grace: typeof grace === 'number' ? String(grace) : text(path, 'grace', grace),
    options: options as OptionTree,
  };
}

async function contentOf(full: string, path: string): Promise<unknown> {
  if (!existsSync(full)) throw new UsageError(`${path}: no such file`);
  if (extname(full) === '.json') {
    try {
      return JSON.parse(readFileSync(full, 'utf8'));
    } catch (cause) {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new UsageError(`${path} is not JSON: ${message}`, undefined, { cause });
    }
  }
  const exports = await importModule(full, path);
  if (!('default' in exports))
    throw new UsageError(`${path} has no default export`, 'export default { options: { … } }');
  try {
    return await exports['default'];
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${path}: its default export is a promise that was rejected: ${message}`, undefined, {
      cause,
    });
  }
}

function text(path: string, key: string, value: unknown): string | undefined {
  if (value === undefined || (typeof value === 'string' && value !== '')) return value;
  throw new UsageError(`${path}: "${key}" must be a text`);
}
