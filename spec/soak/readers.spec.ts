// Readers of a folder in which another process saves all the time and keeps only its last checkpoint.

import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findCheckpoints } from '../../lib/checkpoint/find-checkpoints.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { DEFAULT_FORMATS, readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { CheckpointNotFoundError } from '../../lib/error/checkpoint-not-found-error.js';
import { silentLogger } from '../../lib/log/logger.js';
import { fileStore } from '../../lib/store/file-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { counted, times } from '../faults/soak.js';
import { quickFolder } from './quick-folder.js';
import { expectOneStep } from './stamped-state.js';
import { startProgram } from './start-program.js';

const test = suite('readers beside a saver');

for (const format of ['tensor-bundle', 'safetensors'] as const) {
  for (const isAsync of [false, true]) {
    test(`each read is of one checkpoint, and none fails: ${format}${isAsync ? ', saved in the background' : ''}`, async () => {
      const path = mkdtempSync(join(quickFolder(), 'tidemark-read-'));
      const child = startProgram('busy-saver', { path, format, isAsync });
      let errors = '';
      child.stderr?.on('data', (chunk) => {
        errors += chunk;
      });
      const ended = new Promise((resolve) => child.once('close', resolve));
      try {
        await Promise.race([new Promise((resolve) => child.stdout?.once('data', resolve)), ended]);
        assert.is(child.exitCode, null, errors);
        const store = fileStore(path);
        const reads = times(75, 2500);
        const counts = { reads, steps: 0, opened: 0, 'gone before they were opened': 0, errors: 0 };
        let newest = 0;
        for (let i = 0; i < reads; i++) {
          // What it finds is complete, or it looks again: never an error.
          const restored = answerOf(latestFrom(store, { logger: silentLogger }).load());
          if (restored === undefined) throw new Error('there was nothing');
          expectOneStep(restored.snapshot);
          const { globalStep } = restored.snapshot;
          assert.ok(globalStep >= newest, `step ${globalStep} after step ${newest}`);
          if (globalStep > newest) counts.steps++;
          newest = globalStep;
          // One that is asked for by name may be gone, and nothing else.
          const found = answerOf(findCheckpoints(store, DEFAULT_FORMATS)).at(-1);
          const prefix = found?.prefix ?? restored.from.prefix;
          try {
            const checkpoint = answerOf(readCheckpoint(store, prefix));
            if (i % 2 === 0) await sleep(2);
            // Open files stay readable, even if it was deleted meanwhile.
            expectOneStep(checkpoint.snapshot());
            checkpoint.close();
            counts.opened++;
          } catch (error) {
            if (!(error instanceof CheckpointNotFoundError)) throw error;
            counts['gone before they were opened']++;
          }
        }
        assert.is(child.exitCode, null, errors);
        assert.ok(counts.steps > 3, `only ${counts.steps} steps were seen`);
        counted(`reads beside a saver of ${format}${isAsync ? ' in the background' : ''}`, counts);
      } finally {
        child.kill('SIGKILL');
        await ended;
        rmSync(path, { recursive: true, force: true });
      }
    });
  }
}

test.run();
