// Trains a model on few digits until it gets no better on others, and ends with the best state it had.
//
//     npx tsx docs/examples/early-stopping/main.ts runs/early

import { pathToFileURL } from 'node:url';
import { train } from '@tensorflow/tfjs-core';
import { lastValueFrom, tap } from 'rxjs';
import {
  checkpointSaver,
  earlyStopping,
  evaluate,
  everySteps,
  keepAnyOf,
  keepBest,
  keepLatest,
  type Logger,
  latestFrom,
  MetricsEvent,
  ofType,
  random,
  shuffledBatches,
  storeSaver,
  trainingSession,
} from '../../../lib/index.js';
import { fileStore } from '../../../lib/node.js';
import { classify, type ModelPart, modelPart, optimizerPart, trainStep } from '../../../lib/tfjs/index.js';
import { accuracyOf } from '../digits/accuracy.js';
import { startBackend } from '../digits/backend.js';
import { takeDigits } from '../digits/digits.js';
import { drawDigits } from '../digits/drawn-digits.js';
import { mlp } from '../digits/model.js';

export interface EarlyStoppingRun {
  readonly dir: string;
  /** How many digits there are to train on. @default 400 */
  readonly digits?: number | undefined;
  readonly say?: ((line: string) => void) | undefined;
  readonly logger?: Logger | undefined;
}

/** Trains in a folder; the same call again goes on there. Returns where it ended, and how good the state is. */
export async function trainUntilNoBetter({ dir, digits = 400, say = () => {}, logger }: EarlyStoppingRun): Promise<{
  readonly globalStep: number;
  readonly accuracy: number;
  readonly reason: string | undefined;
}> {
  await startBackend();
  const training = drawDigits(digits, random(1, 'early/train'));
  const heldOut = drawDigits(200, random(1, 'early/test'));
  const store = fileStore(dir);
  const measure = ({ model }: { readonly model: ModelPart }) => ({ accuracy: accuracyOf(model.model, heldOut) });

  const session$ = trainingSession({
    scaffold: {
      create() {
        const model = mlp(1);
        return { model: modelPart(model), optimizer: optimizerPart(train.adam(0.003), { model }) };
      },
      dispose({ model, optimizer }) {
        optimizer.dispose();
        model.dispose();
      },
    },
    input: shuffledBatches({
      size: training.count,
      batchSize: 32,
      seed: 1,
      take: (indices) => takeDigits(training, indices),
    }),
    step: trainStep({ forward: classify }),
    restore: latestFrom(store, { logger }),
    logger,
  }).pipe(
    evaluate({ on: everySteps(5), run: measure, atEnd: false }),
    earlyStopping('validation/accuracy', { mode: 'max', patience: 2, minDelta: 0.01, restoreBest: true }),
    checkpointSaver(
      storeSaver(store, {
        retention: keepAnyOf(keepLatest(2), keepBest('validation/accuracy', 1, { mode: 'max', mayBeMissing: true })),
      }),
      { trigger: everySteps(5) },
    ),
  );

  let accuracy = 0;
  const end = await lastValueFrom(
    session$.pipe(
      tap((event) => {
        if (event instanceof MetricsEvent) {
          say(`step ${event.globalStep}  accuracy ${event.metrics.get('accuracy')?.toFixed(3)}`);
        } else if (event.type === 'end') {
          accuracy = measure(event.state).accuracy;
        }
      }),
      ofType('end'),
    ),
  );
  say(`stopped at step ${end.globalStep}: ${end.reason ?? end.cause}`);
  say(`accuracy of the state that was kept  ${accuracy.toFixed(3)}`);
  return { globalStep: end.globalStep, accuracy, reason: end.reason };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  await trainUntilNoBetter({ dir: process.argv[2] ?? 'runs/early', say: (line) => process.stdout.write(`${line}\n`) });
}
