// Builds the page of the dashboard: three files that hold all that they need, and the licences of what is in them.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const PACKAGES = ['preact', '@preact/signals', '@preact/signals-core', 'uplot'];

/** @param {string} folder where the page is put */
export async function buildPage(folder) {
  await build({
    entryPoints: { app: here('./app.tsx') },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: ['es2022'],
    charset: 'utf8',
    legalComments: 'none',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'warning',
    // The entry reaches a worker's address, which the page never asks for.
    logOverride: { 'empty-import-meta': 'silent' },
  });
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/index.html`, readFileSync(here('./index.html')));
  const licences = PACKAGES.map(
    (name) => `${name}\n\n${readFileSync(here(`../../../node_modules/${name}/LICENSE`), 'utf8')}`,
  );
  writeFileSync(`${folder}/LICENSES.txt`, licences.join('\n\n----\n\n'));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await buildPage(process.argv[2] ?? here('../../../dist/dashboard/page-built'));
}
