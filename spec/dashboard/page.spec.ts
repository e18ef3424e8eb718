import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { exportHtml } from '../../lib/dashboard/export-html.js';
import { loadPageAssets } from '../../lib/dashboard/server/page-assets.js';
import { type Dashboard, startDashboard } from '../../lib/dashboard/start-dashboard.js';
import { ended, recordedSession } from '../hook/record/recorded-session.js';
import { CHROMIUM, launchChromium } from './chromium.js';
import { pageFolder } from './page-folder.js';

const test = suite('the page of the dashboard');
const withBrowser = CHROMIUM === undefined ? test.skip : test;
const root = mkdtempSync(join(tmpdir(), 'tidemark-page-runs-'));
let browser: Browser;
let dashboard: Dashboard;
let trainer: ChildProcess | undefined;

async function open(
  hash = '',
): Promise<{ readonly page: Page; readonly faults: readonly string[]; readonly asked: ReadonlySet<string> }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const faults: string[] = [];
  const asked = new Set<string>();
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('request', (request) => asked.add(new URL(request.url()).origin));
  await page.goto(`${dashboard.url}${hash}`);
  return { page, faults, asked };
}

/** The page's own policy forbids to evaluate texts in it, so it is asked again and again. */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (const end = performance.now() + 20_000; performance.now() < end; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('it did not come to pass within 20 s');
}

async function lookAt(page: Page, run: string): Promise<void> {
  await page.locator('aside li button', { hasText: run }).click();
  await page.locator('main h2', { hasText: run }).waitFor();
}

test.before(async () => {
  await ended(
    recordedSession(join(root, 'calm-otter'), {
      steps: 60,
      holdMs: 20,
      totalSteps: 60,
      config: { lr: 0.1 },
    }),
  );
  if (CHROMIUM === undefined) return;
  dashboard = await startDashboard(root, { port: 0, pageFolder: await pageFolder() });
  browser = await launchChromium();
});

test.after(async () => {
  trainer?.kill('SIGKILL');
  await browser?.close();
  await dashboard?.close();
  rmSync(root, { recursive: true, force: true });
});

test('is below 100 kB when it is compressed', async () => {
  const { html, script, style } = loadPageAssets(await pageFolder());
  const bytes = [html, script, style].reduce((sum, text) => sum + gzipSync(text).length, 0);
  assert.ok(bytes < 100_000, `${bytes} bytes`);
  assert.not.match(html + script + style, /https?:\/\/(?!www\.w3\.org)[a-z]/, 'it names no other host');
});

withBrowser('shows a run that has finished, from its files alone', async () => {
  const { page, faults, asked } = await open();
  await lookAt(page, 'calm-otter');
  await page.locator('.chart[data-tag="loss"] canvas').waitFor();
  assert.is(await page.locator('main .headline .state').textContent(), 'finished');
  assert.is(await page.locator('.chart[data-tag="loss"] .value').textContent(), '0.01667');

  // From the whole run to single steps, and back by the keyboard.
  await page.locator('.timeline button[disabled]', { hasText: 'Whole run' }).waitFor();
  await page.fill('.steps-field', '18-22');
  await page.keyboard.press('Enter');
  await page.locator('.timeline .step circle').first().waitFor();
  assert.ok((await page.locator('.timeline .step circle').count()) >= 4);
  assert.ok((await page.locator('.timeline .marble-a').count()) >= 1);
  assert.match((await page.locator('table.unseen').textContent()) ?? '', /uploadToS3/);
  await page.locator('.timeline svg').focus();
  await page.keyboard.press('0');
  await page.locator('.timeline button[disabled]', { hasText: 'Whole run' }).waitFor();

  await page.click('#tab-Checkpoints');
  await page.locator('td', { hasText: 'among the latest 2' }).first().waitFor();
  await page.click('#tab-Hooks');
  const costs = await page.locator('[role=tabpanel] tbody tr').allTextContents();
  // Held for 6 × 20 ms, and it acted at each of 60 steps.
  assert.match(costs.find((row) => row.startsWith('uploadToS3')) ?? '', /µs.*6\d+ ms/);
  assert.ok(
    costs.some((row) => row.startsWith('checkpointSaver')),
    costs.join(),
  );
  await page.click('#tab-Settings');
  assert.match((await page.locator('[role=tabpanel]').textContent()) ?? '', /lr\s*0\.1/);
  assert.equal(faults, []);
  assert.equal([...asked], [new URL(dashboard.url).origin]);
  await page.close();
});

withBrowser('follows a run that goes on, and sees that it was killed', async () => {
  const script = fileURLToPath(new URL('./slow-trainer.ts', import.meta.url));
  trainer = spawn(
    process.execPath,
    ['--import', 'tsx', script, join(root, 'brisk-heron'), '4', '<img src=x onerror=alert(1)>'],
    { stdio: 'ignore' },
  );
  const { page, faults } = await open();
  await page.locator('aside li button', { hasText: 'brisk-heron' }).waitFor({ timeout: 20_000 });
  await lookAt(page, 'brisk-heron');
  const value = page.locator('.chart[data-tag="loss"] .value');
  await value.waitFor();
  const first = await value.textContent();
  await until(async () => (await value.textContent()) !== first);
  assert.ok(Number(await value.textContent()) < Number(first), 'the curve moves on');
  assert.is(await page.locator('main .headline .state').textContent(), 'running');

  const happened = async (): Promise<string> => (await page.locator('table.unseen').textContent()) ?? '';
  await until(async () => /save failed/.test(await happened()));
  await until(async () => /save failed[\s\S]*saved/.test(await happened()));
  assert.ok((await page.locator('.timeline .kind-saveFailed').count()) >= 1, 'the failed save is there');

  // A tag that is markup is a text.
  assert.is(await page.locator('img[src="x"]').count(), 0);
  assert.ok(await page.locator('.tag', { hasText: '<img' }).isVisible());

  trainer.kill('SIGKILL');
  await page.locator('main .headline .state-crashed').waitFor({ timeout: 15_000 });
  await page.locator('aside .state-crashed').waitFor();
  assert.equal(faults, []);
  await page.close();
});

withBrowser('compares runs, and switches its theme', async () => {
  const { page, faults } = await open();
  await lookAt(page, 'calm-otter');
  await page.locator('aside li', { hasText: 'brisk-heron' }).locator('input[type=checkbox]').check();
  await page.click('#tab-Settings');
  assert.is(await page.locator('[role=tabpanel] thead th').count(), 3);
  const back = (): Promise<string> =>
    page
      .locator('body')
      .evaluate(
        (body: { ownerDocument: { defaultView: { getComputedStyle(e: unknown): { backgroundColor: string } } } }) =>
          body.ownerDocument.defaultView.getComputedStyle(body).backgroundColor,
      );
  const before = await back();
  await page.locator('button[aria-label^=Theme]').click();
  assert.is.not(await back(), before);
  assert.equal(faults, []);
  await page.close();
});

withBrowser('is one file, where it was exported', async () => {
  const file = join(root, 'calm-otter.html');
  writeFileSync(file, await exportHtml(root, 'calm-otter', { pageFolder: await pageFolder() }));
  const page = await browser.newPage();
  const faults: string[] = [];
  const asked: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(pathToFileURL(file).href);
  await page.locator('.chart[data-tag="loss"] canvas').waitFor();
  await page.fill('.steps-field', '18-22');
  await page.keyboard.press('Enter');
  await page.locator('.timeline .step circle').first().waitFor();
  assert.equal(faults, []);
  assert.equal(
    asked.filter((url) => !url.startsWith('file:') && !url.startsWith('data:')),
    [],
  );
  await page.close();
});

test.run();
