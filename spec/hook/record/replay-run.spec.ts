import { join } from 'node:path';
import { firstValueFrom, lastValueFrom, map, take, tap, toArray } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hook } from '../../../lib/hook/hook.js';
import { replayRun } from '../../../lib/hook/record/replay-run.js';
import { runRecorder } from '../../../lib/hook/record/run-recorder.js';
import { stopAtStep } from '../../../lib/hook/stop/stop-at-step.js';
import { stepCounter } from '../../../lib/hook/watch/step-counter.js';
import type { AnyEvent } from '../../../lib/session/event.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { quietSession } from '../../session/play.js';
import { ended, recordedSession, temporaryRuns } from './recorded-session.js';

const test = suite('replayRun');
const { root, remove } = temporaryRuns();
const folder = join(root, 'run');

test.before(async () => {
  await ended(recordedSession(folder, { steps: 25, holdMs: 5 }));
});
test.after(remove);

const told = (event: AnyEvent): string => ('globalStep' in event ? `${event.type}@${event.globalStep}` : event.type);

test('gives the events of the run in their order', async () => {
  const original: string[] = [];
  await lastValueFrom(
    recordedSession(join(root, 'again'), { steps: 25 }).pipe(tap((event) => original.push(told(event)))),
  );
  const replayed = await lastValueFrom(replayRun(join(root, 'again')).pipe(map(told), toArray()));
  assert.equal(replayed, original);
});

test('gives hooks the clock of the run, and the numbers that were recorded', async () => {
  const rates: number[] = [];
  const losses: unknown[] = [];
  const before = performance.now();
  await lastValueFrom(
    replayRun(folder).pipe(
      stepCounter({ trigger: everySteps(10) }),
      hook('look', () => ({
        step: (event) => {
          if (event.globalStep === 20) losses.push((event.outputs as { loss: number }).loss);
        },
        hookEvent: (event) => {
          if (event.type === 'stepRate' && 'stepsPerSecond' in event) rates.push(Number(event.stepsPerSecond));
        },
      })),
    ),
  );
  assert.equal(losses, [1 / 20]);
  assert.is(rates.length, 1);
  // Ten steps and a save with its hold: as long as it took then, though the replay took no such time.
  assert.ok((rates[0] ?? 0) < 10 / 0.005, `${rates[0]} steps a second`);
  assert.ok(performance.now() - before < 2000);
});

test('a hook may stop it, hold it and fail it', async () => {
  const stopped = await lastValueFrom(replayRun(folder).pipe(stopAtStep({ lastStep: 7 })));
  assert.is(told(stopped), 'step@7');
  let held = 0;
  const holding = hook('holding', () => ({
    step: (event) =>
      event.waitUntil(
        new Promise<void>((done) =>
          setTimeout(() => {
            held++;
            done();
          }, 1),
        ),
      ),
  }));
  await lastValueFrom(replayRun(folder).pipe(holding));
  assert.is(held, 25);
  const failing = hook('failing', () => ({
    step: () => {
      throw new Error('no');
    },
  }));
  const error = await ended(replayRun(folder).pipe(failing));
  assert.match((error as Error).message, /failing/);
});

test('goes as fast as it is told', async () => {
  const started = performance.now();
  await lastValueFrom(replayRun(folder, { pace: 1 }));
  const real = performance.now() - started;
  assert.ok(real > 20, `${real} ms`);
  await firstValueFrom(replayRun(folder, { pace: 0.001 }).pipe(take(1)));
});

test('fails as the run failed, and ends without a word where it was killed', async () => {
  await ended(recordedSession(join(root, 'failed'), { steps: 9, failAt: 5, error: new Error('no wood left') }));
  const error = await ended(replayRun(join(root, 'failed')));
  assert.is((error as { code?: string }).code, 'RECORDED_ERROR');
  assert.match((error as Error).message, 'no wood left');
});

test('can be recorded again', async () => {
  await ended(replayRun(folder).pipe(runRecorder(join(root, 'copy'))));
  const [first, second] = await Promise.all(
    [folder, join(root, 'copy')].map((each) => lastValueFrom(replayRun(each).pipe(map(told), toArray()))),
  );
  assert.equal(second, first);
});

test('refuses wrong arguments', async () => {
  assert.throws(() => replayRun(''), /replayRun\(folder\)/);
  assert.throws(() => replayRun('x', { pace: 0 }), /replayRun\(pace\)/);
  await ended(quietSession());
  assert.instance(await ended(replayRun(join(root, 'nowhere'))), RangeError);
});

test.run();
