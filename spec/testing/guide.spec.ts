// docs/guide/testing-schedules.md: its first example is what stands here, and it runs.

import { readFileSync } from 'node:fs';
import { sample } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { steps } from '../../lib/session/steps.js';
import { marbles, scriptedSession, stepEvents } from '../../lib/testing/index.js';
import { anyOf } from '../../lib/trigger/any-of.js';
import { everySteps } from '../../lib/trigger/every-steps.js';

const test = suite('guide to testing schedules');

// biome-ignore format: as it stands in the guide
test('is due at every second step, and when the button is pressed', marbles(({ hot, expectObservable }) => {
  const session = scriptedSession('-1-2-3-4-5-|');
  const button = hot('             ----x------');
  const due = '                    ---2-3-4---|';

  const schedule = anyOf(everySteps(2), sample(button));
  expectObservable(session.pipe(steps(), schedule)).toBe(due, stepEvents());
}));

test('the guide shows that test', () => {
  const guide = readFileSync(new URL('../../docs/guide/testing-schedules.md', import.meta.url), 'utf8');
  const example = /```ts\n(?:import .*\n)+\n([\s\S]*?)```/.exec(guide)?.[1] ?? '';
  assert.ok(example.startsWith("test('is due"));
  assert.ok(readFileSync(new URL(import.meta.url), 'utf8').includes(example));
});

test.run();
