// Draws the pictures of docs/guide/dashboard.md from a real run: `tsx spec/dashboard/draw-images.ts`.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { startDashboard } from '../../lib/dashboard/start-dashboard.js';
import { readRunRecord } from '../../lib/node.js';
import { pageFolder } from './page-folder.js';

const images = fileURLToPath(new URL('../../docs/guide/images/', import.meta.url));
const trainer = fileURLToPath(new URL('./slow-trainer.ts', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'tidemark-images-'));
const args =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

const train = (name: string, stepMs: string) => {
  const child = spawn(process.execPath, ['--import', 'tsx', trainer, join(root, name), stepMs], { stdio: 'ignore' });
  process.on('exit', () => child.kill('SIGKILL'));
  return child;
};
const stepOf = (name: string): number => {
  try {
    return Number(readRunRecord(join(root, name))?.record.globalStep ?? 0);
  } catch {
    return 0;
  }
};
/** Waits until a run has come to a step, however busy the machine is. */
const reached = async (name: string, step: number): Promise<void> => {
  while (stepOf(name) < step) await delay(100);
};
const crashed = train('dull-crab', '6');
await reached('dull-crab', 320);
crashed.kill('SIGKILL');
const live = train('calm-otter', '5');
await reached('calm-otter', 700);

const dashboard = await startDashboard(root, { port: 0, pageFolder: await pageFolder() });
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: args.split(' ') });
for (const colorScheme of ['light', 'dark'] as const) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, colorScheme });
  await page.goto(dashboard.url);
  await page.locator('.chart[data-tag="loss"] canvas').waitFor();
  await page.locator('aside li', { hasText: 'dull-crab' }).locator('input').check();
  await delay(800);
  await page.screenshot({ path: join(images, `dashboard-${colorScheme}.png`) });
  if (colorScheme === 'light') {
    await page.fill('.steps-field', '38-44');
    await page.keyboard.press('Enter');
    await page.locator('.timeline .step circle').first().waitFor();
    await page.click('#tab-Checkpoints');
    await delay(600);
    await page.screenshot({ path: join(images, 'dashboard-steps.png') });
    await page.click('#tab-Hooks');
    await page.locator('h2', { hasText: 'What hooks cost' }).waitFor();
    await page
      .locator('section', { hasText: 'What hooks cost' })
      .last()
      .screenshot({ path: join(images, 'dashboard-hooks.png') });
  }
  await page.close();
}
await browser.close();
await dashboard.close();
live.kill('SIGKILL');
rmSync(root, { recursive: true, force: true });
