import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

let built: string | undefined;

/** The folder of the dashboard's page, built by a process of its own: what is measured is bundled, and a build is not. */
export function builtPage(): string {
  if (built === undefined) {
    built = mkdtempSync(join(tmpdir(), 'tidemark-page-'));
    const build = fileURLToPath(new URL('../../lib/dashboard/page/build.mjs', import.meta.url));
    execFileSync(process.execPath, [build, built]);
  }
  return built;
}
