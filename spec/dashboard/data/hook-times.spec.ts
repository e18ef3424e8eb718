import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { HookTimes } from '../../../lib/dashboard/data/hook-times.js';

const test = suite('HookTimes');

test('joins what a hook took acting and holding, those that took most first', () => {
  const times = new HookTimes();
  times.note({ kind: 'hold', t: 10, ms: 30, hook: 'checkpointSaver', event: 'step', step: 1 });
  times.note({ kind: 'hold', t: 90, ms: 50, hook: 'checkpointSaver', event: 'step', step: 2 });
  times.note({ kind: 'steps', t: 100, since: 0, from: 0, to: 9, count: 9, holds: { count: 3, ms: 1.5 } });
  times.note({ kind: 'hookCosts', t: 100, steps: 100, sampled: 10, hookMs: new Map([['nanGuard', 0.02]]) });
  times.note({
    kind: 'hookCosts',
    t: 200,
    steps: 300,
    sampled: 30,
    hookMs: new Map([
      ['nanGuard', 0.06],
      ['checkpointSaver', 0.6],
    ]),
  });
  assert.equal(times.list(), [
    { hook: 'checkpointSaver', actedMs: 6, stepMicroseconds: 15, holds: 2, heldMs: 80, longestMs: 50 },
    { hook: 'short holds', actedMs: undefined, stepMicroseconds: undefined, holds: 3, heldMs: 1.5, longestMs: 0 },
    { hook: 'nanGuard', actedMs: 0.8, stepMicroseconds: 2, holds: 0, heldMs: 0, longestMs: 0 },
  ]);
});

test('is empty where nothing was recorded', () => assert.equal(new HookTimes().list(), []));

test.run();
