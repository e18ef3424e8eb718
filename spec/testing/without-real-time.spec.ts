import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { LawViolationError } from '../../lib/testing/law-violation-error.js';
import { withoutRealTime } from '../../lib/testing/without-real-time.js';

const test = suite('withoutRealTime');

const uses: [name: string, use: () => unknown][] = [
  ['setTimeout', () => setTimeout(() => {}, 0)],
  ['setInterval', () => setInterval(() => {}, 0)],
  ['setImmediate', () => setImmediate(() => {})],
  ['Date.now', () => Date.now()],
  ['performance.now', () => performance.now()],
];
for (const [name, use] of uses) {
  test(`forbids ${name} and gives it back`, () => {
    assert.throws(
      () => withoutRealTime(use),
      (error: unknown) => error instanceof LawViolationError && /is real time: use the scheduler/.test(error.message),
    );
    const handle = use();
    if (typeof handle === 'object') {
      clearInterval(handle as NodeJS.Timeout);
      clearImmediate(handle as NodeJS.Immediate);
    }
    assert.ok(handle);
  });
}

test('gives the result of what it runs', () => {
  assert.is(
    withoutRealTime(() => 5),
    5,
  );
});

test('leaves no trace', () => {
  const before = Object.getOwnPropertyDescriptor(performance, 'now');
  withoutRealTime(() => {});
  assert.equal(Object.getOwnPropertyDescriptor(performance, 'now'), before);
});

test.run();
