import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The built page, in memory: no request leads to a file. */
export interface PageAssets {
  readonly html: string;
  readonly script: string;
  readonly style: string;
}

const FOLDERS = ['../page-built/', '../../../dist/dashboard/page-built/'];

/**
 * Reads the built page that the package brings.
 *
 * @param folder where it is, if not in the package
 * @throws Error if it was not built
 */
export function loadPageAssets(folder?: string): PageAssets {
  const candidates =
    folder === undefined ? FOLDERS.map((each) => fileURLToPath(new URL(each, import.meta.url))) : [`${folder}/`];
  const found = candidates.find((each) => existsSync(`${each}app.js`));
  if (found === undefined) throw new Error('the page of the dashboard is not built: run `npm run build`');
  const read = (name: string): string => readFileSync(`${found}${name}`, 'utf8');
  return { html: read('index.html'), script: read('app.js'), style: read('app.css') };
}
