// What the recorder costs a step, what 64 listeners cost a run, and how soon the dashboard shows a run of a million steps.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { lastValueFrom } from 'rxjs';
import { loadPageAssets } from '../../lib/dashboard/server/page-assets.js';
import { startDashboard } from '../../lib/dashboard/start-dashboard.js';
import { EventWriter } from '../../lib/format/event/event-writer.js';
import { hook, silentLogger, trainingSession } from '../../lib/index.js';
import { runRecorder } from '../../lib/node.js';
import { CHROMIUM, launchChromium } from '../dashboard/chromium.js';
import { builtPage } from './built-page.js';
import { type BenchmarkReport, interleaved, type Measured, measuredOf, spread } from './measure.js';
import { watchedTraining } from './watched-training.js';

const STEPS = 1_000_000;
const VISITS = 7;

export async function run(): Promise<BenchmarkReport> {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    let folders = 0;
    const steps = await interleaved(
      { bare: () => train(undefined), recorded: () => train(join(root, `run-${folders++}`)) },
      { rounds: 5, warmUpRounds: 1 },
    );
    const each = (steps.recorded.median - steps.bare.median) * (1e6 / STEPS);
    const million = join(root, 'million');
    await train(join(million, 'run'));
    const writer = new EventWriter();
    for (let step = 1; step <= STEPS; step++) writer.addScalar('loss', 1 / step, step, 1_700_000_000 + step / 100);
    writeFileSync(join(million, 'run', 'events.out.tfevents.1700000000.bench'), writer.copy());
    const asked = await askServer(million);
    const painted = CHROMIUM === undefined ? undefined : await paint(million);
    const { html, script, style } = loadPageAssets(builtPage());
    const pageBytes = [html, script, style].reduce((sum, text) => sum + gzipSync(text).length, 0);
    const row = (what: string, measured: Measured, goal = ''): string[] => [what, `${spread(measured, 0)} ms`, goal];
    return {
      title: 'The recorder and the dashboard',
      columns: ['what', 'measured', 'goal'],
      rows: [
        ['recorder, a step', `${each.toFixed(0)} ns`, ''],
        [
          'a step of a run while 64 browsers listen to its dashboard',
          `${spread(await watchedTraining())} % longer`,
          '2 %',
        ],
        ...(painted === undefined
          ? []
          : [
              row('first paint of 1,000,000 steps in Chromium, from opening the page to the curve', painted, '1000 ms'),
            ]),
        row('… of it on the server: what the run is', asked.details),
        row('… the first chart', asked.chart),
        row('… the timeline', asked.timeline),
        ['the page, gzipped', `${(pageBytes / 1000).toFixed(1)} kB`, '100 kB'],
      ],
      notes: [
        'Each visit and each question is to a server that was just started, and has read nothing before.',
        'Listeners: server-sent events of the run, which changes twice a second; the dashboard has a thread of its own, the clients are another process on the same two cores.',
      ],
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** Milliseconds for all steps; beside a hook that does nothing, for the recorder is measured and not the call of a hook. */
async function train(folder: string | undefined): Promise<number> {
  let left = STEPS;
  const session = trainingSession({
    scaffold: { create: () => ({}) },
    input: {
      *[Symbol.iterator]() {
        while (left-- > 0) yield left;
      },
    },
    step: () => ({ loss: 1 }),
    logger: silentLogger,
  });
  const started = performance.now();
  const beside = session.pipe(hook('idle', () => ({ step: () => {} })));
  await lastValueFrom(folder === undefined ? beside : beside.pipe(runRecorder(folder)));
  return performance.now() - started;
}

async function askServer(root: string): Promise<Record<'details' | 'chart' | 'timeline', Measured>> {
  const times = { details: [] as number[], chart: [] as number[], timeline: [] as number[] };
  for (let visit = 0; visit < VISITS; visit++) {
    const dashboard = await startDashboard(root, { port: 0, pageFolder: builtPage() });
    times.details.push(await timed(`${dashboard.url}api/run?run=run`));
    times.chart.push(await timed(`${dashboard.url}api/scalars?run=run&tag=loss&points=1200`));
    times.timeline.push(await timed(`${dashboard.url}api/timeline?run=run&columns=1200`));
    await dashboard.close();
  }
  return {
    details: measuredOf(times.details),
    chart: measuredOf(times.chart),
    timeline: measuredOf(times.timeline),
  };
}

async function paint(root: string): Promise<Measured> {
  const browser = await launchChromium();
  const times: number[] = [];
  for (let visit = 0; visit < VISITS; visit++) {
    const dashboard = await startDashboard(root, { port: 0, pageFolder: builtPage() });
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    const started = performance.now();
    await page.goto(dashboard.url);
    await page.locator('.chart[data-tag="loss"] canvas').waitFor();
    times.push(performance.now() - started);
    await page.close();
    await dashboard.close();
  }
  await browser.close();
  return measuredOf(times);
}

async function timed(url: string): Promise<number> {
  const started = performance.now();
  await (await fetch(url)).arrayBuffer();
  return performance.now() - started;
}
