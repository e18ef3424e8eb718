// Warms the learning rate up, lets it fall along a cosine, averages the weights, and compares the two.
//
//     npx tsx docs/examples/schedule-and-ema/main.ts runs/ema

import { pathToFileURL } from 'node:url';
import { train } from '@tensorflow/tfjs-core';
import { lastValueFrom, tap } from 'rxjs';
import {
  checkpointSaver,
  cosineRate,
  evaluate,
  everySteps,
  exponentialMovingAverage,
  type Logger,
  latestFrom,
  learningRateSchedule,
  MetricsEvent,
  random,
  shuffledBatches,
  stopAtStep,
  storeSaver,
  trainingSession,
  warmUpRate,
} from '../../../lib/index.js';
import { fileStore } from '../../../lib/node.js';
import { averagedVariables, classify, modelPart, optimizerPart, trainStep } from '../../../lib/tfjs/index.js';
import { accuracyOf } from '../digits/accuracy.js';
import { startBackend } from '../digits/backend.js';
import { takeDigits } from '../digits/digits.js';
import { drawDigits } from '../digits/drawn-digits.js';
import { mlp } from '../digits/model.js';

function create() {
  const model = mlp(3);
  return { model: modelPart(model), optimizer: optimizerPart(train.adam(0.003), { model }) };
}
type State = ReturnType<typeof create>;

export interface ScheduleRun {
  readonly dir: string;
  readonly lastStep: number;
  /** How long the schedule is. @default lastStep */
  readonly scheduleSteps?: number | undefined;
  readonly say?: ((line: string) => void) | undefined;
  readonly logger?: Logger | undefined;
}

/** Trains in a folder; the same call again goes on there. Returns what was told: `step source/name value`. */
export async function trainOnSchedule(run: ScheduleRun): Promise<readonly string[]> {
  const { dir, lastStep, scheduleSteps = lastStep, say = () => {}, logger } = run;
  await startBackend();
  const training = drawDigits(320, random(3, 'ema/train'));
  const heldOut = drawDigits(200, random(3, 'ema/test'));
  const store = fileStore(dir);
  const measure = ({ model }: State) => ({ accuracy: accuracyOf(model.model, heldOut) });
  const average = exponentialMovingAverage<State>({
    of: ({ optimizer }) => averagedVariables(optimizer.trained),
    decay: 0.9,
    warmUp: true,
  });

  const session$ = trainingSession({
    scaffold: {
      create,
      dispose({ model, optimizer }: State) {
        optimizer.dispose();
        model.dispose();
      },
    },
    input: shuffledBatches({
      size: training.count,
      batchSize: 32,
      seed: 3,
      take: (indices) => takeDigits(training, indices),
    }),
    step: trainStep({ forward: classify }),
    restore: latestFrom(store, { logger }),
    logger,
  }).pipe(
    stopAtStep({ lastStep }),
    learningRateSchedule(
      ({ optimizer }: State, rate) => {
        optimizer.learningRate = rate;
      },
      warmUpRate({ steps: 5, to: cosineRate({ from: 0.006, to: 0.0005, steps: scheduleSteps }) }),
      { publish: everySteps(5) },
    ),
    average,
    evaluate({ name: 'weights', on: everySteps(10), run: measure, atEnd: false }),
    evaluate({ name: 'average', on: everySteps(10), run: average.during(measure), atEnd: false }),
    checkpointSaver(storeSaver(store), { trigger: everySteps(10) }),
  );

  const told: string[] = [];
  await lastValueFrom(
    session$.pipe(
      tap((event) => {
        if (!(event instanceof MetricsEvent)) return;
        for (const [name, value] of event.metrics) {
          told.push(`${event.globalStep} ${event.source}/${name} ${value}`);
          say(`step ${event.globalStep}  ${event.source}/${name}  ${value.toFixed(5)}`);
        }
      }),
    ),
  );
  return told;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const dir = process.argv[2] ?? 'runs/ema';
  await trainOnSchedule({ dir, lastStep: 60, say: (line) => process.stdout.write(`${line}\n`) });
}
