import { concat, toArray } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { memoryStore } from '../../lib/store/memory-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { storeLaws } from '../../lib/testing/store-laws.js';
import { checkpointFiles } from '../testing/crash/checkpoint-files.js';

const test = suite('memoryStore');

storeLaws({ test, factory: () => ({ store: memoryStore() }) });

const slow = suite('memoryStore with a latency');
storeLaws({ test: slow, factory: () => ({ store: memoryStore({ latencyMs: 1 }) }) });
slow.run();

const inTime =
  (body: (scheduler: TestScheduler, helpers: Parameters<Parameters<TestScheduler['run']>[0]>[0]) => void) =>
  (): void => {
    const scheduler = new TestScheduler((actual, expected) => assert.equal(actual, expected));
    scheduler.run((helpers) => body(scheduler, helpers));
  };

test(
  'takes its latency in virtual time',
  inTime((scheduler, { expectObservable }) => {
    const store = memoryStore({ latencyMs: ({ operation }) => (operation === 'write' ? 3 : 0), scheduler });
    const calls = concat(
      store.list(['.index']),
      store.write('m', checkpointFiles('m', 'four')),
      store.list(['.index']),
    );

    expectObservable(calls).toBe('a--(bc|)', { a: [], b: 12, c: ['m'] });
  }),
);

test(
  'leaves nothing of a write that is unsubscribed from in time',
  inTime((scheduler, { expectObservable }) => {
    const store = memoryStore({ latencyMs: 3, scheduler });
    expectObservable(store.write('m', checkpointFiles('m')), '--!').toBe('-');
    expectObservable(store.list(['.index']), '-----^').toBe('--------(a|)', { a: [] });
  }),
);

test(
  'fails by script, at the end of the latency and without effect',
  inTime((scheduler, { expectObservable }) => {
    const failure = ({ operation, nth }: { operation: string; nth: number }) =>
      operation === 'write' && nth === 2 ? 'full' : undefined;
    const store = memoryStore({ latencyMs: 2, scheduler, failure });
    const write = (prefix: string) => store.write(prefix, checkpointFiles(prefix, 'four'));

    expectObservable(concat(write('a'), write('b'))).toBe('--a-#', { a: 12 }, 'full');
    expectObservable(store.list(['.index']).pipe(toArray()), '-----^').toBe('-------(a|)', { a: [['a']] });
  }),
);

test('copies when it is subscribed to', () => {
  const store = memoryStore();
  const bytes = new Uint8Array([1, 2, 3]);
  answerOf(store.writeState(bytes));
  bytes.fill(9);
  answerOf(store.readState())?.fill(8);
  assert.equal(answerOf(store.readState()), new Uint8Array([1, 2, 3]));
});

test.run();
