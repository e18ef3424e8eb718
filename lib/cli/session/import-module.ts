import { existsSync, realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { placeOf } from '../place-of.js';
import { printable } from '../printable.js';
import { UsageError } from '../usage-error.js';
import { findTypeScriptReader } from './find-type-script-reader.js';
import { isEsPackage } from './is-es-package.js';

/**
 * Imports a module of the user's by its path. TypeScript is read by Node itself where it can, else by tsx, if that is
 * installed beside the module.
 *
 * @param path absolute
 * @throws UsageError if there is no such file, nothing reads TypeScript, or it uses another copy of Tidemark
 * @throws whatever the module throws, as the cause of a UsageError
 */
export async function importModule(path: string, shownAs: string): Promise<Readonly<Record<string, unknown>>> {
  if (!existsSync(path)) throw new UsageError(`${printable(shownAs)}: no such file`);
  mustUseThisCopy(path, shownAs);
  if (['.ts', '.mts', '.cts'].includes(extname(path))) await readTypeScript(path, shownAs);
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    const place = placeOf(error);
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    throw new UsageError(
      `${printable(shownAs)} cannot be loaded: ${message}${place === undefined ? '' : ` (${place})`}`,
      undefined,
      {
        cause: error,
      },
    );
  }
}

async function readTypeScript(path: string, shownAs: string): Promise<void> {
  const reader = findTypeScriptReader(dirname(path));
  if (reader === undefined) {
    throw new UsageError(
      `${printable(shownAs)}: Node ${process.versions.node} does not read TypeScript`,
      'npm i -D tsx    (or Node 22.18 or newer, which needs nothing)',
    );
  }
  // Node itself looks into the module; tsx goes by the package, and would load Tidemark a second time.
  const isRead = Boolean((process.features as { typescript?: unknown }).typescript);
  if (!isRead && extname(path) === '.ts' && !isEsPackage(dirname(path))) {
    throw new UsageError(
      `${printable(shownAs)} counts as CommonJS, since no package.json around it says "type": "module"`,
      `rename it to ${basename(path, '.ts')}.mts, or:  npm pkg set type=module`,
    );
  }
  if (reader === 'this process') return;
  const { register } = (await import(pathToFileURL(reader.tsx).href)) as { register: () => unknown };
  register();
}

/** Events of one copy of the package mean nothing to another. */
function mustUseThisCopy(path: string, shownAs: string): void {
  const own = fileURLToPath(new URL('../../index.js', import.meta.url));
  if (!existsSync(own)) return;
  let theirs: string;
  try {
    theirs = createRequire(path).resolve('tidemark');
  } catch {
    // Not installed there: then it imports what it does by paths of its own.
    return;
  }
  if (realpathSync(theirs) === realpathSync(own)) return;
  throw new UsageError(
    `${printable(shownAs)} uses another copy of tidemark than this command: ${theirs}`,
    'start the command of that copy, in the folder of the module:  npx tidemark run …',
  );
}
