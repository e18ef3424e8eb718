// A small training program for the specs of faults: deterministic, quick to start, without TensorFlow.js. It goes on
// from the newest checkpoint of its folder, prints `saving <step> at <ms>` and `saved <step>` for each save, and `final <sha256>` of
// the newest checkpoint when it ends in order. It is bundled and then run by plain Node, by `start-trainer.ts`.

import { writeSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { lastValueFrom, tap, timer } from 'rxjs';
import { hashCheckpoint } from '../../lib/checkpoint/hash-checkpoint.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { CodedError } from '../../lib/error/coded-error.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { stopAtStep } from '../../lib/hook/stop/stop-at-step.js';
import { stopOnSignals } from '../../lib/hook/stop-on-signals.js';
import type { Logger, LogMethod } from '../../lib/log/logger.js';
import type { Checkpointable } from '../../lib/session/checkpointable.js';
import { random } from '../../lib/session/random.js';
import { shuffledBatches } from '../../lib/session/shuffled-batches.js';
import { trainingSession } from '../../lib/session/training-session.js';
import { fileStore } from '../../lib/store/file-store.js';
import type { FileSystem } from '../../lib/store/file-system.js';
import { nodeFileSystem } from '../../lib/store/node-file-system.js';
import { makeTensor } from '../../lib/tensor/make-tensor.js';
import { everySeconds } from '../../lib/trigger/every-seconds.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const { values: options } = parseArgs({
  options: {
    dir: { type: 'string', default: '' },
    steps: { type: 'string', default: '60' },
    'save-steps': { type: 'string', default: '1' },
    /** Saves by time instead. */
    'save-seconds': { type: 'string' },
    'step-ms': { type: 'string', default: '0' },
    /** The size of the weights. */
    'size-bytes': { type: 'string', default: '16384' },
    /** Lets a worker thread save. */
    async: { type: 'boolean', default: false },
    keep: { type: 'string', default: '3' },
    'grace-seconds': { type: 'string' },
    /** Makes each sync of a file take this long. */
    'slow-sync-ms': { type: 'string', default: '0' },
    /** Leaves out every sync, for the control experiment. */
    'no-sync': { type: 'boolean', default: false },
  },
});

// A reader that goes away must not stop the training.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

function say(line: string, output = 1): void {
  try {
    writeSync(output, `${line}\n`);
  } catch {
    // Nobody listens.
  }
}

class Weights implements Checkpointable {
  readonly values = new Float32Array(Number(options['size-bytes']) / 4).fill(0.5);

  /** A chaotic map: one bit that differs anywhere differs everywhere after a few steps. */
  train(batch: readonly number[], noise: number): void {
    let carry = Math.fround(noise + batch.reduce((sum, value) => sum + value, 0) / 1000);
    for (let at = 0; at < this.values.length; at++) {
      const value = this.values[at] as number;
      carry = Math.fround((3.7 * value * (1 - value) + carry) % 1);
      this.values[at] = carry;
    }
  }

  capture() {
    return { tensors: new Map([['values', makeTensor('float32', [this.values.length], this.values)]]) };
  }

  restore({ tensors }: ReturnType<Weights['capture']>): void {
    const tensor = tensors.get('values');
    if (tensor === undefined) throw new Error('no weights');
    new Uint8Array(this.values.buffer).set(tensor.bytes);
  }
}

const logAt =
  (level: string): LogMethod =>
  (fields: object | string, message?: string) => {
    const cause = typeof fields === 'object' && 'err' in fields ? `: ${fields.err}` : '';
    say(`${level} ${typeof fields === 'string' ? fields : message}${cause}`, 2);
  };
const logger: Logger = { debug: () => {}, info: logAt('info'), warn: logAt('warn'), error: logAt('error') };

const slowSyncMs = Number(options['slow-sync-ms']);
const fileSystem: FileSystem = options['no-sync']
  ? { ...nodeFileSystem, sync: () => {}, syncDir: () => {} }
  : slowSyncMs > 0
    ? {
        ...nodeFileSystem,
        sync: (file) => {
          nodeFileSystem.pause(slowSyncMs);
          nodeFileSystem.sync(file);
        },
      }
    : nodeFileSystem;

async function run(): Promise<void> {
  const store = fileStore(options.dir, { fileSystem });
  const stepMs = Number(options['step-ms']);
  const graceSeconds = options['grace-seconds'] === undefined ? undefined : Number(options['grace-seconds']);
  const seconds = options['save-seconds'];
  const session = trainingSession({
    scaffold: { create: () => ({ weights: new Weights(), noise: random(7) }) },
    input: shuffledBatches({ size: 50, batchSize: 4, seed: 3, take: (indices) => [...indices] }),
    step: ({ state, batch }) => {
      state.weights.train(batch, state.noise.nextUint32() / 2 ** 32);
      return stepMs > 0 ? timer(stepMs) : undefined;
    },
    restore: latestFrom(store, { logger }),
    logger,
  }).pipe(
    stopAtStep({ lastStep: Number(options.steps) }),
    (options.async ? asyncCheckpointSaver : checkpointSaver)(
      storeSaver(store, { retention: keepLatest(Number(options.keep)) }),
      { trigger: seconds === undefined ? everySteps(Number(options['save-steps'])) : everySeconds(Number(seconds)) },
    ),
    stopOnSignals({ graceSeconds }),
  );
  let latest = '';
  await lastValueFrom(
    session.pipe(
      tap((event) => {
        if (event.type === 'sessionCreated' && event.restored !== undefined) latest = event.restored.prefix;
        if (event.type === 'sessionCreated') say(`begun ${event.globalStep}`);
        if (event.type === 'end') say(`ended ${event.globalStep}`);
        if (event.type === 'beforeSave') say(`saving ${event.globalStep} at ${Math.round(performance.now())}`);
        if (event.type === 'afterSave') {
          latest = event.checkpoint.prefix;
          say(`saved ${event.globalStep}`);
        }
      }),
    ),
  );
  const checkpoint = await lastValueFrom(readCheckpoint(store, latest));
  say(`final ${hashCheckpoint(checkpoint)}`);
  checkpoint.close();
}

try {
  await run();
} catch (error) {
  say(`failed ${error instanceof CodedError ? error.code : ''} ${error}`, 2);
  process.exitCode = 1;
}
