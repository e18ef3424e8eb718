import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
// @ts-expect-error the build is plain JavaScript, as npm runs it
import { buildPage } from '../../lib/dashboard/page/build.mjs';

let built: Promise<string> | undefined;

/** The page, built from its sources once a process. */
export function pageFolder(): Promise<string> {
  built ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tidemark-page-'));
    await buildPage(folder);
    return folder;
  })();
  return built;
}
