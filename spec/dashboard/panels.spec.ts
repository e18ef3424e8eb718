// Histograms, images, texts and settings out of real event files, in a browser; and a run of a million steps.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from 'fast-png';
import type { Browser, Page } from 'playwright-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type Dashboard, startDashboard } from '../../lib/dashboard/start-dashboard.js';
import { EventWriter } from '../../lib/format/event/event-writer.js';
import { FILE_VERSION } from '../../lib/format/event/file-version-event.js';
import { hparamsValue } from '../../lib/format/event/hparams/hparams-value.js';
import { histogramValue } from '../../lib/format/event/value/histogram-value.js';
import { imageValue } from '../../lib/format/event/value/image-value.js';
import { textValue } from '../../lib/format/event/value/text-value.js';
import { CHROMIUM, launchChromium } from './chromium.js';
import { pageFolder } from './page-folder.js';

const test = suite('the panels of the dashboard');
const withBrowser = CHROMIUM === undefined ? test.skip : test;
if (CHROMIUM === undefined) console.log('skipped: the panels of the dashboard: chromium is not installed');
const root = mkdtempSync(join(tmpdir(), 'tidemark-panels-'));
const MARKUP = '<b onmouseover=alert(1)>bold</b> [a](javascript:alert(1))';
const MILLION = 1_000_000;
let browser: Browser;
let dashboard: Dashboard;

function writeEvents(run: string, fill: (writer: EventWriter) => void): void {
  const writer = new EventWriter();
  writer.add({ type: 'fileVersion', fileVersion: FILE_VERSION, wallTime: 1_700_000_000, step: 0 });
  fill(writer);
  mkdirSync(join(root, run), { recursive: true });
  writeFileSync(join(root, run, 'events.out.tfevents.1700000000.host'), writer.copy());
}

async function open(run: string, tab: string): Promise<{ readonly page: Page; readonly faults: readonly string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(message.text());
  });
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(dashboard.url);
  await page.locator('aside li button', { hasText: run }).click();
  await page.locator('main h2', { hasText: run }).waitFor();
  await page.click(`#tab-${tab}`);
  return { page, faults };
}

test.before(async () => {
  writeEvents('drawn', (writer) => {
    const start = hparamsValue({
      type: 'sessionStart',
      hparams: new Map(Object.entries({ rate: 0.25, kind: 'wide' })),
      groupName: '',
      startTime: 1,
    });
    writer.add({ type: 'summary', values: [start], step: 0, wallTime: 1_700_000_000 });
    for (let step = 1; step <= 5; step++) {
      const pixels = new Uint8Array(4 * 3 * 3).fill(step * 40);
      const picture = encode({ width: 4, height: 3, channels: 3, depth: 8, data: pixels });
      const values = [
        histogramValue(
          'weights',
          Float32Array.from({ length: 100 }, (_, i) => Math.sin(i) * step),
        ),
        imageValue('digits', { width: 4, height: 3, encoded: [picture, picture] }),
        textValue('notes', `${MARKUP} at ${step}`),
      ];
      writer.add({ type: 'summary', values, step, wallTime: 1_700_000_000 + step });
    }
  });
  if (CHROMIUM === undefined) return;
  writeEvents('million', (writer) => {
    for (let step = 1; step <= MILLION; step++) writer.addScalar('loss', 1 / step, step, 1_700_000_000 + step / 100);
  });
  dashboard = await startDashboard(root, { port: 0, pageFolder: await pageFolder() });
  browser = await launchChromium();
});

test.after(async () => {
  await browser?.close();
  await dashboard?.close();
  rmSync(root, { recursive: true, force: true });
});

withBrowser('histograms are ridges, one for each step', async () => {
  const { page, faults } = await open('drawn', 'Histograms');
  const ridges = page.locator('figure', { hasText: 'weights' }).locator('svg.ridges path');
  await ridges.first().waitFor();
  assert.is(await ridges.count(), 5);
  assert.equal(
    await page.locator('svg.ridges title').allTextContents(),
    [1, 2, 3, 4, 5].map((step) => `step ${step}`),
  );
  assert.not.match((await ridges.first().getAttribute('d')) ?? '', /NaN|Infinity/);
  assert.equal(faults, []);
  await page.close();
});

withBrowser('images are shown as they were written, step by step', async () => {
  const { page, faults } = await open('drawn', 'Images');
  const images = page.locator('figure', { hasText: 'digits' }).locator('img');
  await images.first().waitFor();
  assert.is(await images.count(), 2);
  const widthOf = (): Promise<number> =>
    images.first().evaluate(async (image: { naturalWidth: number; decode(): Promise<void> }) => {
      await image.decode();
      return image.naturalWidth;
    });
  assert.is(await widthOf(), 4);
  assert.is(await page.locator('figcaption .value').textContent(), 'step 5');
  await page.locator('input[type=range]').focus();
  await page.keyboard.press('Home');
  await page.locator('figcaption .value', { hasText: 'step 1' }).waitFor();
  assert.is(await widthOf(), 4);
  assert.equal(faults, []);
  await page.close();
});

withBrowser('texts stay texts, whatever markup is in them', async () => {
  const { page, faults } = await open('drawn', 'Text');
  const text = page.locator('figure pre');
  await text.waitFor();
  assert.is(await text.textContent(), `${MARKUP} at 5`);
  assert.is(await page.locator('figure b, figure a').count(), 0);
  await text.hover();
  assert.equal(faults, []);
  await page.close();
});

withBrowser('settings out of event files are shown', async () => {
  const { page, faults } = await open('drawn', 'Settings');
  const table = page.locator('[role=tabpanel] table').first();
  await table.locator('th', { hasText: 'rate' }).waitFor();
  assert.match((await table.textContent()) ?? '', /kind\s*wide\s*rate\s*0\.25/);
  assert.equal(faults, []);
  await page.close();
});

withBrowser('a run of a million steps that nobody looked at before is painted within seconds', async () => {
  const times: number[] = [];
  for (let visit = 0; visit < 3; visit++) {
    const fresh = await startDashboard(join(root, 'million'), { port: 0, pageFolder: await pageFolder() });
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const started = performance.now();
    await page.goto(fresh.url);
    await page.locator('.chart[data-tag="loss"] canvas').waitFor();
    times.push(performance.now() - started);
    await page.locator('.chart[data-tag="loss"] .value', { hasText: /\d/ }).waitFor();
    await page.close();
    await fresh.close();
  }
  console.log(`counted: first paint of 1,000,000 steps ${times.map((each) => each.toFixed(0)).join(', ')} ms`);
  // The goal is one second; a machine that is shared with other specs is given more.
  assert.ok(Math.min(...times) < 4000, String(times));
});

test.run();
