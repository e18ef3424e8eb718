import {
  bufferCount,
  debounceTime,
  defer,
  filter,
  merge,
  mergeMap,
  NEVER,
  type SchedulerLike,
  scan,
  tap,
  throttleTime,
  timer,
} from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LawViolationError } from '../../lib/testing/law-violation-error.js';
import { triggerLaws } from '../../lib/testing/trigger-laws.js';
import type { Trigger } from '../../lib/trigger/trigger.js';

const test = suite('triggerLaws');

/** The laws that a trigger breaks. */
function brokenBy(factory: (scheduler: SchedulerLike) => Trigger): string[] {
  const broken: string[] = [];
  triggerLaws({
    factory,
    test: (name, body) => {
      try {
        body();
      } catch (error) {
        if (!(error instanceof LawViolationError)) throw error;
        broken.push(name.replace('law: ', ''));
      }
    },
  });
  return broken;
}

const lawful: [name: string, factory: () => Trigger][] = [
  ['every step', () => (steps) => steps],
  ['filter', () => filter(({ globalStep }) => globalStep % 7 === 0)],
  ['bufferCount', () => bufferCount(5)],
  ['throttleTime', () => throttleTime(50)],
  ['debounceTime', () => debounceTime(20)],
];
for (const [name, factory] of lawful) {
  test(`are kept by ${name}`, () => assert.equal(brokenBy(factory), []));
}

test('find one that fires twice', () => {
  assert.equal(
    brokenBy(() => mergeMap(() => [1, 2])),
    ['fires at most once at each step'],
  );
});

test('find one that shares its state among runs', () => {
  let count = 0;
  assert.equal(brokenBy(() => filter(() => ++count % 3 === 0)).slice(0, 1), ['starts afresh for each run']);
});

test('find one whose nextStep is wrong', () => {
  const factory = (): Trigger =>
    Object.assign<Trigger, Pick<Trigger, 'nextStep'>>(
      filter(({ globalStep }) => globalStep % 5 === 0),
      { nextStep: (globalStep) => globalStep + 7 },
    );
  assert.equal(brokenBy(factory), ['fires the same if it does not see the steps that it can do without']);
});

test('find one that counts and says it need not see steps', () => {
  const factory = (): Trigger =>
    Object.assign<Trigger, Pick<Trigger, 'nextStep'>>(
      (steps) =>
        defer(() =>
          steps.pipe(
            scan((count) => count + 1, 0),
            filter((count) => count % 4 === 0),
          ),
        ),
      { nextStep: (globalStep) => globalStep + 2 },
    );
  assert.equal(brokenBy(factory), ['fires the same if it does not see the steps that it can do without']);
});

test('find one that goes on after its source', () => {
  assert.equal(
    brokenBy(() => (steps) => merge(steps, NEVER)),
    ['ends with its source, and not after it'],
  );
});

test('find one that keeps a timer', () => {
  const factory = (): Trigger => tap(({ globalStep }) => globalStep === 9 && timer(7000).subscribe());
  assert.equal(brokenBy(factory), ['ends with its source, and not after it', 'lets go of its source and its timers']);
});

test('find one that uses real time', () => {
  assert.equal(
    brokenBy(() => filter(() => Date.now() < 0)),
    ['needs no real time'],
  );
});

test('find one that uses another scheduler than it was given', () => {
  assert.equal(
    brokenBy((_scheduler) => throttleTime(50)),
    ['takes its time from its scheduler'],
  );
  assert.equal(
    brokenBy((scheduler) => throttleTime(50, scheduler)),
    [],
  );
});

test.run();
