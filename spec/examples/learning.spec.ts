// The examples of learning hooks, each run on real TensorFlow.js.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { memory } from '@tensorflow/tfjs-core';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { trainUntilNoBetter } from '../../docs/examples/early-stopping/main.js';
import { trainOnSchedule } from '../../docs/examples/schedule-and-ema/main.js';
import { silentLogger } from '../../lib/log/logger.js';

const test = suite('learning examples');
const examples = fileURLToPath(new URL('../../docs/examples', import.meta.url));

async function inFolder<T>(use: (dir: string) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'learning-'));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true });
  }
}

test('early-stopping ends with its best state, and again when it is run again', () =>
  inFolder(async (dir) => {
    const lines: string[] = [];
    const first = await trainUntilNoBetter({ dir, say: (line) => lines.push(line), logger: silentLogger });
    assert.match(first.reason ?? '', /^validation\/accuracy has not improved 3 times in a row/);
    const seen = lines.flatMap((line) => /accuracy (\d\.\d+)$/.exec(line)?.[1] ?? []).map(Number);
    const best = Number(/its best was ([\d.]+) at/.exec(first.reason ?? '')?.[1]);
    assert.is(first.accuracy, best);
    assert.ok(seen.length >= 4 && best > 0.5, `it learned something: ${best}`);
    const leaked = memory().numTensors;

    const again = await trainUntilNoBetter({ dir, logger: silentLogger });
    assert.equal([again.globalStep, again.accuracy], [first.globalStep, first.accuracy]);
    assert.is(memory().numTensors, leaked);
  }));

test('schedule-and-ema tells the same when it is cut in two', () =>
  inFolder(async (whole) => {
    const told = await trainOnSchedule({ dir: whole, lastStep: 30, logger: silentLogger });
    assert.is(told.filter((line) => line.includes('schedule/rate')).length, 6);
    assert.is(told.filter((line) => line.includes('average/accuracy')).length, 3);
    await inFolder(async (cut) => {
      const first = await trainOnSchedule({ dir: cut, lastStep: 13, scheduleSteps: 30, logger: silentLogger });
      const second = await trainOnSchedule({ dir: cut, lastStep: 30, scheduleSteps: 30, logger: silentLogger });
      assert.equal([...first, ...second], told);
    });
  }));

test('an evaluator follows a trainer to its last step, in two processes', () =>
  inFolder(async (dir) => {
    const folder = join(examples, 'trainer-and-evaluator');
    const [trained, evaluated] = await Promise.all([
      run(join(folder, 'trainer.ts'), dir),
      run(join(folder, 'evaluator.ts'), dir),
    ]);
    assert.match(trained, /saved step 0\nsaved step 8\nsaved step 16\nsaved step 24\n/);
    const found = readFileSync(join(dir, 'evaluation.jsonl'), 'utf8');
    assert.is(found, evaluated);
    const lines = found
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { globalStep: number; accuracy: number });
    assert.is(lines.at(-1)?.globalStep, 24);
    for (const [i, { globalStep, accuracy }] of lines.entries()) {
      assert.ok(globalStep > (lines[i - 1]?.globalStep ?? -1), 'each is newer than the one before');
      assert.ok(accuracy > 0 && accuracy <= 1);
    }
  }));

function run(script: string, dir: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', script, dir], { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = { out: '', err: '' };
    child.stdout.on('data', (chunk) => (output.out += chunk));
    child.stderr.on('data', (chunk) => (output.err += chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(output.out) : reject(new Error(`${script}: ${code}\n${output.err}`)),
    );
  });
}

test.run();
