// Trains a classifier of handwritten digits with TensorFlow.js. Kill it whenever you like and start it again: it goes on
// exactly where it was.

import { existsSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { train } from '@tensorflow/tfjs-core';
import pino from 'pino';
import { lastValueFrom, tap } from 'rxjs';
import { scalarValue } from '../../../lib/format/index.js';
import {
  anyOf,
  checkpointSaver,
  everySeconds,
  everySteps,
  hook,
  hparams,
  keepLatest,
  latestFrom,
  nanGuard,
  progressBar,
  random,
  readCheckpoint,
  shuffledBatches,
  stepOutputs,
  stopAtStep,
  storeSaver,
  summarySaver,
  trainingHealth,
  trainingSession,
} from '../../../lib/index.js';
import { eventFileWriter, fileStore, hashCheckpoint, paintFor, stopOnSignals } from '../../../lib/node.js';
import {
  checkBackend,
  classify,
  modelGraph,
  modelHistograms,
  modelPart,
  optimizerPart,
  trainStep,
} from '../../../lib/tfjs/index.js';
import { accuracyOf } from './accuracy.js';
import { startBackend } from './backend.js';
import { type Digits, takeDigits } from './digits.js';
import { drawDigits } from './drawn-digits.js';
import { readMnist } from './idx.js';
import { misreadDigits } from './misread-digits.js';
import { MODELS } from './model.js';
import { type DigitsOptions, parseOptions, USAGE, UsageError } from './options.js';
import { exitCodeOf, reportError } from './report-error.js';

// Falls with the steps taken, not with those to come: so a longer run begins as a shorter one went.
const learningRate = (globalStep: number): number => 0.002 / (1 + globalStep / 1000);
const DRAWN = { train: 8000, test: 2000 };

try {
  const options = parseOptions(process.argv.slice(2));
  if (options === undefined) process.stdout.write(USAGE);
  else await run(options);
} catch (error) {
  process.stderr.write(reportError(error));
  process.exitCode = error instanceof UsageError ? 2 : exitCodeOf(error);
}

async function run(options: DigitsOptions): Promise<void> {
  const { dir, steps, seed, batch, model: modelName, isPlain } = options;
  makeFolder(dir);
  // A reader that goes away, as `head` does, must not stop the training.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const say = (line: string): unknown => process.stderr.write(`${line}\n`);

  const backend = await startBackend();
  const digits = loadDigits(options);
  if (batch > digits.train.count) {
    throw new UsageError(`--batch must be at most the ${digits.train.count} digits to train on, got ${batch}`);
  }
  say(`tidemark  digits · ${modelName} on ${backend} · seed ${seed} · ${digits.train.count} digits to train on`);
  say(`  dir     ${dir}`);

  const logger = pino({ name: 'digits' }, openLog(dir));
  const store = fileStore(dir);
  const bar = progressBar({
    stream: process.stderr,
    totalSteps: steps,
    metrics: ['loss', 'accuracy'],
    paint: paintFor(process.stderr),
    ...(isPlain ? { isPlain } : {}),
  });
  const tell = (line: string): void => bar.destination.write(`${line}\n`);

  const result: Result = { accuracy: undefined, prefix: undefined, startedAt: 0 };
  const evaluate = hook('evaluate', () => ({
    end: ({ state, cause, reason }) => {
      // Who pressed Ctrl-C does not want to wait.
      if (cause === 'stopRequested' && (reason === 'SIGINT' || reason === 'SIGTERM')) return;
      result.accuracy = accuracyOf((state as ReturnType<typeof createState>).model.model, digits.test);
    },
  }));
  const createState = () => {
    const model = MODELS[modelName](seed);
    checkBackend(model, backend);
    return { model: modelPart(model), optimizer: optimizerPart(train.adam(learningRate(0)), { model }) };
  };

  type State = ReturnType<typeof createState>;
  // For `tensorboard --logdir <dir>`.
  const writer = eventFileWriter(join(dir, 'summaries'));
  const curves = summarySaver(writer, {
    trigger: everySteps(50),
    values: [
      stepOutputs(),
      trainingHealth<State>({ learningRate: ({ optimizer }) => optimizer.learningRate }),
      hparams({ model: modelName, batch, seed, backend }),
      {
        atEnd: ({ state }) => {
          const { accuracy } = result;
          if (accuracy === undefined) return [];
          const misread = misreadDigits((state as State).model.model, digits.test);
          return [scalarValue('held-out/accuracy', accuracy), ...misread];
        },
      },
    ],
  });
  const distributions = summarySaver(writer, {
    trigger: everySteps(500),
    values: [...modelHistograms(), modelGraph<State>(({ model }) => model.model)],
  });

  const takeStep = trainStep({ forward: classify });
  const session$ = trainingSession({
    scaffold: {
      create: createState,
      dispose: ({ model, optimizer }) => {
        optimizer.dispose();
        model.dispose();
      },
    },
    input: shuffledBatches({
      size: digits.train.count,
      batchSize: batch,
      seed,
      dropRemainder: true,
      take: (indices) => takeDigits(digits.train, indices),
    }),
    step: (context) => {
      context.state.optimizer.learningRate = learningRate(context.globalStep);
      return takeStep(context);
    },
    restore: latestFrom(store, { logger }),
    logger,
  }).pipe(
    nanGuard('loss'),
    stopAtStep({ lastStep: steps }),
    stopOnSignals({ onStop: () => tell('\nstopping after this step … saving') }),
    evaluate,
    checkpointSaver(storeSaver(store, { retention: keepLatest(options.keep) }), {
      trigger: anyOf(everySteps(options.saveSteps), everySeconds(options.saveSeconds)),
    }),
    curves,
    distributions,
    bar,
  );

  const end = await lastValueFrom(
    session$.pipe(
      tap((event) => {
        if (event.type === 'sessionCreated') result.startedAt = event.globalStep;
        if (event.type === 'sessionCreated' && event.restored !== undefined) {
          tell(`  resume  from step ${event.globalStep} (${event.restored.prefix})`);
          for (const { prefix } of event.restored.skipped) tell(`  warning ${prefix} is damaged, and was passed over`);
          result.prefix = event.restored.prefix;
        } else if (event.type === 'afterSave') {
          result.prefix = event.checkpoint.prefix;
          if (isPlain) process.stdout.write(`saved step ${event.globalStep}\n`);
          logger.info({ step: event.globalStep, seconds: event.seconds }, 'saved');
        }
      }),
    ),
  );
  say('');
  await conclude(dir, result, 'globalStep' in end ? end.globalStep : 0, steps);
}

interface Result {
  /** On held-out digits; `undefined` if it was not measured. */
  accuracy: number | undefined;
  /** The newest checkpoint. */
  prefix: string | undefined;
  startedAt: number;
}

/** Says where things are and how to go on. */
async function conclude(
  dir: string,
  { accuracy, prefix, startedAt }: Result,
  globalStep: number,
  steps: number,
): Promise<void> {
  const say = (line: string): unknown => process.stderr.write(`${line}\n`);
  if (prefix === undefined) throw new Error('the run ended without a checkpoint');
  const path = join(dir, prefix);
  if (startedAt >= steps) say(`nothing to train: step ${globalStep} was reached before, and --steps is ${steps}`);
  if (accuracy !== undefined) say(`accuracy on held-out digits  ${(100 * accuracy).toFixed(2)} %`);
  say(`  saved   step ${globalStep} in ${path}`);
  say(
    globalStep < steps
      ? '  resume  the same command goes on from there'
      : `  more    the same command with --steps ${globalStep * 2}`,
  );
  say(`  look    npm run tidemark inspect ${/^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`}`);
  const checkpoint = await lastValueFrom(readCheckpoint(fileStore(dir), prefix));
  try {
    process.stdout.write(`final ${hashCheckpoint(checkpoint)}\n`);
  } finally {
    checkpoint.close();
  }
}

function makeFolder(dir: string): void {
  try {
    const found = statSync(dir, { throwIfNoEntry: false });
    if (found === undefined && lstatSync(dir, { throwIfNoEntry: false })?.isSymbolicLink()) {
      throw new UsageError(`--dir ${dir} is a link to a folder that is not there (ENOENT)`);
    }
    if (found !== undefined && !found.isDirectory()) throw new UsageError(`--dir ${dir} is not a folder`);
    makeFolders(resolve(dir));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`--dir ${dir} cannot be made: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** One after the other: Node's own recursion does not end in places such as /proc, where no folder can be. */
function makeFolders(dir: string): void {
  if (existsSync(dir)) return;
  makeFolders(dirname(dir));
  mkdirSync(dir);
}

/** A log that cannot be written, on a disk that is full say, must not stop the training. */
function openLog(dir: string): pino.DestinationStream {
  try {
    const log = pino.destination({ dest: join(dir, 'log.jsonl'), sync: true, append: true });
    return log.on('error', () => {});
  } catch (error) {
    throw new UsageError(`--dir ${dir} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function loadDigits({ data, seed }: DigitsOptions): { readonly train: Digits; readonly test: Digits } {
  if (data === undefined) {
    return {
      train: drawDigits(DRAWN.train, random(seed, 'digits/train')),
      test: drawDigits(DRAWN.test, random(seed, 'digits/test')),
    };
  }
  try {
    return { train: readMnist(data, 'train'), test: readMnist(data, 't10k') };
  } catch (error) {
    throw new UsageError(`--data ${error instanceof Error ? error.message : String(error)}`);
  }
}
