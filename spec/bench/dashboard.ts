// What the recorder costs a step, and how soon the dashboard shows a run of a million steps.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { startDashboard } from '../../lib/dashboard/start-dashboard.js';
import { EventWriter } from '../../lib/format/event/event-writer.js';
import { hook, silentLogger, trainingSession } from '../../lib/index.js';
import { runRecorder } from '../../lib/node.js';
import { pageFolder } from '../dashboard/page-folder.js';

const STEPS = 1_000_000;

/** Prints medians; the run is thrown away. */
export async function benchDashboard(rounds = 3): Promise<void> {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    const [bare, recorded]: [number[], number[]] = [[], []];
    for (let round = 0; round < rounds; round++) {
      bare.push(await train(undefined));
      recorded.push(await train(join(root, `run-${round}`)));
    }
    const cost = ((median(recorded) - median(bare)) / STEPS) * 1e6;
    console.log(
      `recorder: ${cost.toFixed(0)} ns a step (bare ${median(bare).toFixed(0)} ms, recorded ${median(recorded).toFixed(0)} ms for ${STEPS} steps)`,
    );

    const writer = new EventWriter();
    for (let step = 1; step <= STEPS; step++) writer.addScalar('loss', 1 / step, step, 1_700_000_000 + step / 100);
    writeFileSync(join(root, 'run-0', 'events.out.tfevents.1700000000.bench'), writer.copy());
    const dashboard = await startDashboard(root, { port: 0, pageFolder: await pageFolder() });
    const first = await timed(`${dashboard.url}api/run?run=run-0`);
    const chart = await timed(`${dashboard.url}api/scalars?run=run-0&tag=loss&points=1200`);
    const timeline = await timed(`${dashboard.url}api/timeline?run=run-0&columns=1200`);
    console.log(
      `dashboard, ${STEPS} scalars: run ${first.toFixed(0)} ms, first chart ${chart.toFixed(0)} ms, timeline ${timeline.toFixed(0)} ms`,
    );
    await dashboard.close();
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

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
  // Beside a hook that does nothing: what is measured is the recorder, not the call of a hook.
  const beside = session.pipe(hook('idle', () => ({ step: () => {} })));
  await lastValueFrom(folder === undefined ? beside : beside.pipe(runRecorder(folder)));
  return performance.now() - started;
}

async function timed(url: string): Promise<number> {
  const started = performance.now();
  await (await fetch(url)).arrayBuffer();
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

if (process.argv[1]?.endsWith('dashboard.ts') === true) await benchDashboard();
