// docs/guide/triggers.md: every picture of its table holds.

import { readFileSync } from 'node:fs';
import { filter, throttleTime } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { marbles, stepEvents } from '../../lib/testing/index.js';
import { after } from '../../lib/trigger/after.js';
import { allOf } from '../../lib/trigger/all-of.js';
import { anyOf } from '../../lib/trigger/any-of.js';
import { atMostEvery } from '../../lib/trigger/at-most-every.js';
import { atSteps } from '../../lib/trigger/at-steps.js';
import { everySeconds } from '../../lib/trigger/every-seconds.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { firstStep } from '../../lib/trigger/first-step.js';
import { never } from '../../lib/trigger/never.js';
import { not } from '../../lib/trigger/not.js';
import { secondOrStepTimer } from '../../lib/trigger/second-or-step-timer.js';
import type { Trigger } from '../../lib/trigger/trigger.js';
import { until } from '../../lib/trigger/until.js';

const test = suite('guide to triggers');

const triggers = [
  () => everySteps(2),
  () => everySteps(2, { since: 'lastFiring' }),
  () => everySeconds(0.005),
  () => atSteps(2, 5),
  () => firstStep(),
  () => never(),
  () => anyOf(everySteps(2), everySteps(3)),
  () => allOf(everySteps(2), everySteps(3)),
  () => not(everySteps(3)),
  () => after(3),
  () => after(3, everySteps(2)),
  () => until(3),
  () => until(4, everySteps(2)),
  () => atMostEvery(0.005, everySteps(2)),
  () => secondOrStepTimer({ steps: 2 }),
  (): Trigger => filter((step) => step.globalStep > 4),
  () => throttleTime(3),
] as const satisfies readonly (() => Trigger)[];

const guide = readFileSync(new URL('../../docs/guide/triggers.md', import.meta.url), 'utf8');
const rows = [...guide.matchAll(/^\| `(.+?)` +\| `(\S+)` +\|$/gm)].map(([, code = '', picture = '']) => ({
  code,
  picture,
}));

test('has a row for each of these triggers, in this order', () => {
  const source = readFileSync(new URL(import.meta.url), 'utf8');
  const written = [...source.matchAll(/^ {2}\(\)(?:: Trigger)? => (.+),$/gm)].map(([, code]) => code);
  assert.is(rows.length, triggers.length);
  assert.equal(
    written,
    rows.map(({ code }) => code),
  );
});

for (const [i, { code, picture }] of rows.entries()) {
  test(
    `draws ${code}`,
    marbles(({ cold, expectObservable }) => {
      const trigger: Trigger = triggers[i]?.() ?? never();
      expectObservable(trigger(cold('-1-2-3-4-5-6-|', stepEvents()))).toBe(picture, stepEvents());
    }),
  );
}

test.run();
