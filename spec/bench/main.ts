// Measures: `npm run bench [-- name …] [--write]`. Prints tables; with `--write` they replace their sections of
// docs/benchmarks.md. What is measured is bundled first, as for a release: the loader that runs the specs names every
// class anew, which the engine then does not optimize.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import type { BenchmarkReport } from './measure.js';

// One file each, that exports `run(): Promise<BenchmarkReport>`.
const BENCHMARKS = ['dispatch', 'save', 'async-save', 'restore', 'summaries', 'tfjs', 'dashboard'] as const;

const here = fileURLToPath(new URL('.', import.meta.url));
const project = join(here, '..', '..');
const page = join(project, 'docs', 'benchmarks.md');

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const isWriting = process.argv.includes('--write');
const unknown = wanted.filter((name) => !BENCHMARKS.some((known) => known === name));
if (unknown.length > 0) {
  console.error(`no benchmark is named ${unknown.join(', ')}; there are: ${BENCHMARKS.join(', ')}`);
  process.exit(1);
}

for (const name of BENCHMARKS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const report = await load(name).then((run) => run());
  const text = `${report.title}\n\n${table(report)}\n\n${report.notes.map((note) => `- ${note}`).join('\n')}`;
  console.log(`\n# ${name}: ${text}`);
  if (isWriting) writeSection(name, text);
}

async function load(name: string): Promise<() => Promise<BenchmarkReport>> {
  const folder = join(project, 'node_modules', '.cache', 'tidemark-bench');
  mkdirSync(folder, { recursive: true });
  const outfile = join(folder, `${name}.mjs`);
  await build({
    entryPoints: [join(here, `${name}.ts`)],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
    // Files that are found from where a module lies, such as workers, are found from the original place.
    define: { 'import.meta.url': JSON.stringify(pathToFileURL(join(here, `${name}.ts`)).href) },
  });
  const module = (await import(pathToFileURL(outfile).href)) as { run: () => Promise<BenchmarkReport> };
  return module.run;
}

function table({ columns, rows }: BenchmarkReport): string {
  const lines = [columns, columns.map((_, i) => (i === 0 ? '---' : '---:')), ...rows];
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  return lines
    .map(
      (line) =>
        `| ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`,
    )
    .join('\n');
}

/** Replaces what stands between the marks of a section, or adds the section at the end. */
function writeSection(name: string, text: string): void {
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const old = existsSync(page) ? readFileSync(page, 'utf8') : '# Benchmarks\n';
  const machine = `Node ${process.versions.node} on ${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}.`;
  const section = `${start}\n## ${text}\n\n${machine}\n${end}`;
  const [from, to] = [old.indexOf(start), old.indexOf(end)];
  const isThere = from >= 0 && to > from;
  writeFileSync(page, isThere ? old.slice(0, from) + section + old.slice(to + end.length) : `${old}\n${section}\n`);
}
