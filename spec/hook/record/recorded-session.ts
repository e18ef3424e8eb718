import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastValueFrom, type Observable, of, timer } from 'rxjs';
import { latestFrom } from '../../../lib/checkpoint/latest-from.js';
import { keepLatest } from '../../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../../lib/checkpoint/store-saver.js';
import { checkpointSaver } from '../../../lib/hook/checkpoint-saver.js';
import { hook } from '../../../lib/hook/hook.js';
import { type RunRecorderOptions, runRecorder } from '../../../lib/hook/record/run-recorder.js';
import { silentLogger } from '../../../lib/log/logger.js';
import type { AnyEvent } from '../../../lib/session/event.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import { fileStore } from '../../../lib/store/file-store.js';
import { makeTensor } from '../../../lib/tensor/make-tensor.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';

export function temporaryRuns(): { readonly root: string; readonly remove: () => void } {
  const root = mkdtempSync(join(tmpdir(), 'tidemark-runs-'));
  return { root, remove: () => rmSync(root, { recursive: true, force: true }) };
}

export interface RecordedSessionOptions extends RunRecorderOptions<{ readonly loss: number }> {
  readonly steps: number;
  readonly saveEvery?: number;
  /** Milliseconds that a hook named `uploadToS3` holds at each save's step. */
  readonly holdMs?: number;
  /** Fails the step that leads here. */
  readonly failAt?: number;
  readonly error?: unknown;
}

/** A small real run that saves into `folder` and is recorded there. */
export function recordedSession(folder: string, options: RecordedSessionOptions): Observable<AnyEvent> {
  const { steps, saveEvery = 10, holdMs, failAt, error, ...recorder } = options;
  const weights = new Float32Array(100);
  let hasFailed = false;
  return trainingSession({
    scaffold: {
      create: () => ({
        weights: {
          capture: () => ({ tensors: new Map([['w', makeTensor('float32', [100], weights)]]) }),
          restore: () => of(undefined),
        },
      }),
    },
    input: Array.from({ length: steps }, (_, i) => i),
    step: ({ globalStep }) => {
      if (globalStep + 1 === failAt && !hasFailed) {
        hasFailed = true;
        throw error ?? new Error('the device is gone');
      }
      return { loss: 1 / (globalStep + 1) };
    },
    restore: latestFrom(fileStore(folder), { logger: silentLogger }),
    recover: { initialDelaySeconds: 0.001, maxRetries: 2 },
    logger: silentLogger,
  }).pipe(
    hook('uploadToS3', () => ({
      step: (event) => {
        if (holdMs !== undefined && event.globalStep % saveEvery === 0) event.waitUntil(timer(holdMs));
      },
    })),
    checkpointSaver(storeSaver(fileStore(folder), { retention: keepLatest(2) }), { trigger: everySteps(saveEvery) }),
    runRecorder<{ readonly loss: number }>(folder, recorder),
  ) as Observable<AnyEvent>;
}

/** Runs to its end, whatever that is. */
export async function ended(run: Observable<AnyEvent>): Promise<unknown> {
  try {
    return await lastValueFrom(run, { defaultValue: undefined });
  } catch (error) {
    return error;
  }
}
