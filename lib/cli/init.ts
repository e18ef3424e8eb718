import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { extname, join, relative, resolve } from 'node:path';
import { starterConfig, starterModule } from './init/starter.js';
import type { Io } from './io.js';
import { printable } from './printable.js';
import { findTypeScriptReader } from './session/find-type-script-reader.js';
import { isEsPackage } from './session/is-es-package.js';
import { UsageError } from './usage-error.js';

/** Writes a session module that works, and its configuration, and says what to do next. Overwrites nothing. */
export async function init(
  directory: string,
  { name, json = false }: { readonly name?: string; readonly json?: boolean },
  io: Io,
): Promise<number> {
  const folder = resolve(io.cwd, directory);
  const module = name ?? fittingName(folder);
  const ending = extname(module);
  if (!['.ts', '.mts', '.js', '.mjs'].includes(ending) || module.includes('/') || module.includes('\\')) {
    throw new UsageError(`--name must be a file name that ends in .ts, .mts, .js or .mjs, got "${printable(module)}"`);
  }
  const files = [
    { name: module, text: starterModule(ending.endsWith('ts')) },
    { name: 'tidemark.config.json', text: starterConfig },
  ];
  const taken = files.find((file) => existsSync(join(folder, file.name)));
  if (taken !== undefined) {
    throw new UsageError(
      `${join(directory, taken.name)} is there already, and nothing is overwritten`,
      'tidemark init <another folder>, or --name <another file>',
    );
  }
  mkdirSync(folder, { recursive: true });
  for (const file of files) {
    writeFileSync(join(folder, file.name), file.text, { flag: 'wx' });
    io.err(`  wrote  ${join(directory, file.name)}\n`);
  }
  const path = relative(io.cwd, join(folder, module));
  if (json) io.out(`${JSON.stringify({ module: path, files: files.map((file) => join(directory, file.name)) })}\n`);
  io.err(`  try    npx tidemark run ${path} --dry-run\n  run    npx tidemark run ${path}\n`);
  return 0;
}

/** One that is an ES module here, and that this Node reads. */
function fittingName(folder: string): string {
  if (findTypeScriptReader(folder) === undefined) return isEsPackage(folder) ? 'train.js' : 'train.mjs';
  return isEsPackage(folder) ? 'train.ts' : 'train.mts';
}
