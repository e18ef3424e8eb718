import { EMPTY, interval, NEVER, Observable, of, throwError } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { collect } from '../../lib/testing/collect.js';

const test = suite('collect');

async function errorOf(work: Promise<unknown>): Promise<Error> {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a rejection');
}

test('gives all values when the stream has completed', async () => {
  assert.equal(await collect(of(1, 2, 3)), [1, 2, 3]);
  assert.equal(await collect(EMPTY), []);
});

test('rejects with the error of the stream', async () => {
  const boom = new Error('boom');
  assert.is(await errorOf(collect(throwError(() => boom))), boom);
});

test('gives up after its time, unsubscribes, and tells the last values', async () => {
  let isSubscribed = true;
  const source = new Observable<number>((subscriber) => {
    for (let i = 1; i <= 12; i++) subscriber.next(i);
    return () => {
      isSubscribed = false;
    };
  });
  const error = await errorOf(collect(source, { limitMilliseconds: 10 }));
  assert.match(error.message, /did not complete within 10 ms; the last of its 12 values:\n {2}3\n {2}4\n/);
  assert.is(isSubscribed, false);
  assert.match((await errorOf(collect(NEVER, { limitMilliseconds: 1 }))).message, /it said nothing/);
});

test('gives up on a stream that says too much, also at once', async () => {
  assert.match((await errorOf(collect(interval(1), { maxValues: 3 }))).message, /has more than 3 values/);
  let said = 0;
  const endless = new Observable<number>((subscriber) => {
    while (!subscriber.closed) subscriber.next(said++);
  });
  await errorOf(collect(endless, { maxValues: 3 }));
  assert.is(said, 4);
  assert.equal(await collect(of(1, 2, 3), { maxValues: 3 }), [1, 2, 3]);
});

test.run();
