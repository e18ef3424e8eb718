import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Whether the package around `folder` says that its modules are ES modules: `"type": "module"`. */
export function isEsPackage(folder: string): boolean {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, 'package.json');
    if (existsSync(path)) return typeOf(path) === 'module';
    if (dirname(at) === at) return false;
  }
}

function typeOf(path: string): unknown {
  try {
    return (Object(JSON.parse(readFileSync(path, 'utf8'))) as { readonly type?: unknown }).type;
  } catch {
    // Not JSON: whoever loads the module will say so.
    return undefined;
  }
}
