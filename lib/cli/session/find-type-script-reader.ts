import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/**
 * What reads TypeScript modules in `folder`: this process itself (Node does so from 22.18 on, and under tsx), or tsx by
 * the path of what starts it; `undefined` if nothing does.
 */
export function findTypeScriptReader(folder: string): 'this process' | { readonly tsx: string } | undefined {
  if ((process.features as { typescript?: unknown }).typescript) return 'this process';
  if (process.execArgv.some((argument) => /\btsx\b/.test(argument))) return 'this process';
  try {
    // `require` knows the module by its CommonJS face; the other lies beside it.
    const api = createRequire(join(folder, 'here.js'))
      .resolve('tsx/esm/api')
      .replace(/\.cjs$/, '.mjs');
    return existsSync(api) ? { tsx: api } : undefined;
  } catch {
    // Not installed there.
    return undefined;
  }
}
