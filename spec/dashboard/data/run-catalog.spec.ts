import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RunLibrary } from '../../../lib/dashboard/data/run-library.js';
import { startDashboard } from '../../../lib/dashboard/start-dashboard.js';
import { pageFolder } from '../page-folder.js';

const test = suite('RunCatalog');

test('10,000 runs are listed a page at a time, and searched', async () => {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-many-'));
  for (let i = 0; i < 10_000; i++) {
    mkdirSync(join(root, `run-${i}`));
    writeFileSync(join(root, `run-${i}`, 'run.json'), '{}');
  }
  const dashboard = await startDashboard(root, { port: 0, pageFolder: await pageFolder() });
  const started = performance.now();
  const text = await (await fetch(`${dashboard.url}api/runs`)).text();
  const firstMs = performance.now() - started;
  const { total, runs } = JSON.parse(text) as { total: number; runs: readonly { id: string }[] };
  assert.equal([total, runs.length], [10_000, 200]);
  assert.ok(text.length < 200_000, `${text.length} characters`);
  assert.ok(firstMs < 10_000, `${firstMs} ms`);
  const again = performance.now();
  const found = (await (await fetch(`${dashboard.url}api/runs?search=run-9999`)).json()) as {
    runs: readonly { id: string }[];
  };
  assert.equal(
    found.runs.map(({ id }) => id),
    ['run-9999'],
  );
  assert.ok(performance.now() - again < 1000, 'the list is not made anew for each request');
  const last = (await (await fetch(`${dashboard.url}api/runs?offset=9900`)).json()) as { runs: readonly unknown[] };
  assert.is(last.runs.length, 100);
  console.log(`counted: 10,000 runs listed in ${firstMs.toFixed(0)} ms, ${text.length} characters`);
  await dashboard.close();
  rmSync(root, { recursive: true, force: true });
});

test('folders of event files belong to the run above them, and are runs where there is none', () => {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-catalog-'));
  const events = (folder: string): void => {
    mkdirSync(join(root, folder), { recursive: true });
    writeFileSync(join(root, folder, 'events.out.tfevents.1.host'), '');
  };
  mkdirSync(join(root, 'recorded'));
  writeFileSync(join(root, 'recorded', 'run.json'), '{}');
  events('recorded/train');
  events('recorded/validation');
  events('logs/a');
  mkdirSync(join(root, 'empty'));
  const runs = new RunLibrary(root).runs();
  assert.equal([...runs.keys()].sort(), ['logs/a', 'recorded']);
  assert.equal(
    runs.get('recorded')?.eventFolders.map((folder) => folder.slice(folder.lastIndexOf('/') + 1)),
    ['train', 'validation'],
  );
  rmSync(root, { recursive: true, force: true });
});

test.run();
