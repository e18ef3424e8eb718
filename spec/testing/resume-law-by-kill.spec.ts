import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RunNotRepeatableError } from '../../lib/error/run-not-repeatable-error.js';
import { resumeLawByKill } from '../../lib/testing/resume-law-by-kill.js';
import { counted, times } from '../faults/soak.js';

const test = suite('resumeLawByKill');
const moduleOf = (what: string): URL => new URL(`./resume/killed-${what}.ts`, import.meta.url);

async function failureOf(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => assert.unreachable('expected a failure') as never,
    (error: Error) => error,
  );
}

test('the example of the guide holds', async () => {
  const { report } = await import('../../docs/examples/resume-law-by-kill.js');
  assert.is(report.cuts.length, 4);
  assert.ok(report.cuts.every(({ cut, resumedFrom }) => resumedFrom <= cut));
});

test('kills after the steps that it is told', async () => {
  const { cuts } = await resumeLawByKill({ module: moduleOf('run'), steps: 12, at: [4, 7, 12] });
  assert.equal(cuts, [
    { cut: 4, resumedFrom: 4 },
    { cut: 7, resumedFrom: 6 },
    { cut: 12, resumedFrom: 12 },
  ]);
});

test('names what only a new process forgets: tensor, element and step', async () => {
  const error = await failureOf(resumeLawByKill({ module: moduleOf('forgetful-run'), steps: 8, at: [5] }));
  assert.instance(error, RunNotRepeatableError);
  const { cut, globalStep, what, index } = error as RunNotRepeatableError;
  assert.equal([cut, globalStep, what, index], [5, 5, 'tensor model/w', 1]);
});

test('names an output and an event of a hook that differ', async () => {
  for (const [what, expected] of [
    ['forgetful-output', 'output .loss'],
    ['forgetful-hook', 'hook event [0].metrics.get(seen)'],
  ] as const) {
    const error = await failureOf(resumeLawByKill({ module: moduleOf(what), steps: 8, at: [5] }));
    assert.instance(error, RunNotRepeatableError, error.message);
    assert.is((error as RunNotRepeatableError).what, expected);
  }
});

test('tells the last words of a process that fails, and of a module without a run', async () => {
  const failed = await failureOf(resumeLawByKill({ module: moduleOf('failing-run'), steps: 4 }));
  assert.match(failed.message, /ended with code 1: .*out of luck/);
  const wrong = await failureOf(resumeLawByKill({ module: moduleOf('nothing'), steps: 4 }));
  assert.match(wrong.message, 'resumeLawByKill(module): expected an export makeRun(store), received undefined');
});

test('gives up a process that takes too long', async () => {
  const error = await failureOf(resumeLawByKill({ module: moduleOf('endless-run'), steps: 4, limitSeconds: 3 }));
  assert.match(error.message, 'took more than 3 s');
});

test('refuses wrong options', async () => {
  const module = moduleOf('run');
  for (const [options, message] of [
    [{ module: './run.js', steps: 3 }, /\(module\): expected a URL.*received "\.\/run\.js"/],
    [{ module, steps: 0 }, /\(steps\): expected a whole number from 1, received 0/],
    [{ module, steps: 3, kills: 0.5 }, /\(kills\): expected a whole number from 1, received 0.5/],
    [{ module, steps: 3, killsPerRun: 0 }, /\(killsPerRun\)/],
    [{ module, steps: 3, at: [4] }, /\(at\): expected whole numbers from 1 to 3, received 4/],
  ] as const) {
    const error = await failureOf(resumeLawByKill(options));
    assert.ok(error instanceof RangeError || error instanceof TypeError);
    assert.match(error.message, message);
  }
});

test('a run with all kinds of state goes on exactly after kills at any instant, in many runs', async () => {
  const kills = times(2, 60);
  const { cuts } = await resumeLawByKill({
    module: moduleOf('learning-run'),
    steps: 30,
    kills,
    killsPerRun: 4,
    seed: 1,
  });
  assert.is(cuts.length, kills);
  counted('SIGKILL of a run with every stateful hook', { kills, differences: 0 });
});

test.run();
