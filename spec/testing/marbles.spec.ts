import { concat, defer, from, interval, NEVER, of, take, throwError, timer } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MarbleMismatchError } from '../../lib/testing/marble-mismatch-error.js';
import { type MarbleHelpers, marbles } from '../../lib/testing/marbles.js';

const test = suite('marbles');

function mismatchOf(body: (helpers: MarbleHelpers) => void): MarbleMismatchError {
  try {
    marbles(body)();
  } catch (error) {
    if (error instanceof MarbleMismatchError) return error;
    throw error;
  }
  throw new Error('expected a mismatch');
}

test('runs in virtual time', () => {
  const started = performance.now();
  marbles(({ expectObservable, scheduler }) => {
    expectObservable(timer(3_600_000)).toBe('3600s (a|)', { a: 0 });
    expectObservable(interval(1000, scheduler).pipe(take(2))).toBe('1s a 999ms (b|)', { a: 0, b: 1 });
  })();
  assert.ok(performance.now() - started < 5000);
});

test('gives all of the helpers of RxJS', () => {
  let ran = 0;
  marbles(({ cold, hot, expectObservable, expectSubscriptions, flush, time, animate }) => {
    const source = cold('-a-|');
    expectObservable(concat(source, hot('-----b|'))).toBe('-a---b|');
    expectSubscriptions(source.subscriptions).toBe('^--!');
    assert.is(time('---|'), 3);
    assert.type(animate, 'function');
    flush();
    ran++;
  })();
  assert.is(ran, 1);
});

test('compares values by structure', () => {
  marbles(({ cold, expectObservable }) => {
    const values = { a: { loss: Float32Array.of(0.5) } };
    expectObservable(cold('-a-|', values)).toBe('-a-|', { a: { loss: Float32Array.of(0.5) } });
  })();
});

test('compares two streams', () => {
  marbles(({ cold, expectObservable }) => expectObservable(cold('-a-|')).toEqual(cold('-a-|')))();
  const error = mismatchOf(({ cold, expectObservable }) => expectObservable(cold('-a-|')).toEqual(cold('-a--|')));
  assert.is(error.actual, '-a-|');
  assert.is(error.expected, '-a--|');
});

test('draws both sides with one table of letters', () => {
  const error = mismatchOf(({ cold, expectObservable }) => {
    const source = cold('-x-#', { x: { step: 1, loss: 0.5 } }, new Error('boom'));
    expectObservable(source).toBe('-p-|', { p: { step: 1, loss: 0.25 } });
  });
  assert.is(
    error.message,
    [
      'the streams differ',
      '    expected  -p-|',
      '    actual    -a-#<boom>',
      '      a = {step: 1, loss: 0.5}',
      '      p = {step: 1, loss: 0.25}',
      '    value 1 differs at .loss: expected 0.25, received 0.5',
    ].join('\n'),
  );
});

test('uses the letters of the expectation for what came, too', () => {
  const values = { p: { step: 1 }, q: { step: 2 } };
  const error = mismatchOf(({ cold, expectObservable }) =>
    expectObservable(cold('-(qp)-|', values)).toBe('-(pq)-|', values),
  );
  assert.is(error.actual, '-(qp)-|');
  assert.is(error.expected, '-(pq)-|');
});

test('tells errors apart by their message', () => {
  const error = mismatchOf(({ expectObservable }) =>
    expectObservable(throwError(() => new Error('a'))).toBe('#', {}, new Error('b')),
  );
  assert.is(error.actual, '#<a>');
  assert.is(error.expected, '#<b>');
});

test('says where promises are to blame', () => {
  const error = mismatchOf(({ expectObservable }) =>
    expectObservable(defer(() => from(Promise.resolve(1)))).toBe('(a|)', { a: 1 }),
  );
  assert.is(error.actual, '');
  assert.match(error.message, /never ended: a promise, an async function or setTimeout/);
});

test('gives no hint about promises to streams that ended, or were not to end', () => {
  const hint = /never ended/;
  assert.not.match(mismatchOf(({ expectObservable }) => expectObservable(of(1)).toBe('|')).message, hint);
  assert.not.match(mismatchOf(({ expectObservable }) => expectObservable(NEVER).toBe('a')).message, hint);
});

test('draws subscriptions', () => {
  const error = mismatchOf(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('--a--|');
    expectObservable(source, '^--!');
    expectObservable(source, '-^');
    expectSubscriptions(source.subscriptions).toBe(['^----!', '-^----!']);
  });
  assert.is(
    error.message,
    [
      'the subscriptions differ',
      '    expected  ^----!',
      '              -^----!',
      '    actual    ^--!',
      '              -^----!',
    ].join('\n'),
  );
});

test('shows that nothing was subscribed to', () => {
  const error = mismatchOf(({ cold, expectSubscriptions }) => {
    expectSubscriptions(cold('--a--|').subscriptions).toBe('^');
  });
  assert.is(error.actual, '(none)');
});

test('refuses what cannot work', () => {
  assert.throws(() => marbles(5 as never), /marbles\(body\): expected a function, received 5/);
  assert.throws(
    marbles((async () => {}) as () => void),
    /marbles\(body\): expected a synchronous function, received an asynchronous one/,
  );
});

test('passes on what the body throws', () => {
  assert.throws(
    marbles(() => {
      throw new Error('of the body');
    }),
    'of the body',
  );
});

test.run();
