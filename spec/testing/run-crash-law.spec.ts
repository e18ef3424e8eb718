import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { latestFrom } from '../../lib/checkpoint/latest-from.js';
import { keepLatest } from '../../lib/checkpoint/retention/keep-latest.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { asyncCheckpointSaver } from '../../lib/hook/async-checkpoint-saver.js';
import { checkpointSaver } from '../../lib/hook/checkpoint-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { random } from '../../lib/session/random.js';
import { trainingSession } from '../../lib/session/training-session.js';
import type { CheckpointStore } from '../../lib/store/checkpoint-store.js';
import { LawViolationError } from '../../lib/testing/law-violation-error.js';
import { runCrashLaw } from '../../lib/testing/run-crash-law.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('runCrashLaw');
const trigger = everySteps(1);
const LAW = { steps: 3, maxStates: 30 };

const session = (store: CheckpointStore) =>
  trainingSession({
    scaffold: { create: () => ({ noise: random(1) }) },
    step: ({ state }) => void state.noise.normal(),
    restore: latestFrom(store, { logger: silentLogger }),
    logger: silentLogger,
  });

test('the example of the guide holds', async () => {
  const { report } = await import('../../docs/examples/crash-law.js');
  assert.equal(report.violations, []);
  assert.ok(report.points > 80 && report.states > report.points, JSON.stringify(report));
});

for (const format of [tensorBundle(), safetensors()]) {
  for (const isAsync of [false, true]) {
    test(`holds for ${format.name}${isAsync ? ', saved in later turns' : ''}`, async () => {
      const report = await runCrashLaw((store) => {
        const saver = storeSaver(store, { format, retention: keepLatest(1) });
        return session(store).pipe(
          isAsync
            ? asyncCheckpointSaver(saver, { trigger, background: 'inProcess' })
            : checkpointSaver(saver, { trigger }),
        );
      }, LAW);
      assert.ok(report.points > 40, JSON.stringify(report));
    });
  }
}

/** Passes the calls of a store on, but for some. */
const spoilt = (spoil: (store: CheckpointStore) => Partial<CheckpointStore>) =>
  runCrashLaw((store) => {
    const wrong = { ...store, ...spoil(store) };
    return session(wrong).pipe(checkpointSaver(storeSaver(wrong, { retention: keepLatest(1) }), { trigger }));
  }, LAW);

async function violationOf(law: Promise<unknown>): Promise<string> {
  try {
    await law;
  } catch (error) {
    assert.instance(error, LawViolationError);
    return (error as Error).message;
  }
  return assert.unreachable('the law holds') as never;
}

test('finds a store whose removals leave markers without data', async () => {
  // Data first: removed in an order in which half of a checkpoint is visible.
  const said = await violationOf(
    spoilt((store) => ({ remove: (prefixes) => store.remove(prefixes, ['.data-00000-of-00001']) })),
  );
  assert.match(said, /^a checkpoint does not survive a crash after operation \d+ \(unlink.*is listed but not whole/);
});

test('tells what the run itself fails with', async () => {
  const broken = runCrashLaw(
    () =>
      trainingSession({
        scaffold: { create: () => ({}) },
        step: () => {
          throw new Error('out of luck');
        },
        logger: silentLogger,
      }),
    LAW,
  );
  await broken.then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, 'out of luck'),
  );
});

test('refuses steps that are none', async () => {
  await runCrashLaw(session, { steps: 0 }).then(
    () => assert.unreachable(),
    (error: Error) => assert.match(error.message, 'runCrashLaw(steps): expected a whole number from 1, received 0'),
  );
});

test.run();
