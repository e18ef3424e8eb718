import { firstValueFrom, from } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { InputCursor } from '../../lib/session/input.js';
import { isPending } from '../../lib/session/is-pending.js';
import { prefetched } from '../../lib/session/prefetched.js';
import { shuffledBatches } from '../../lib/session/shuffled-batches.js';
import type { PartState } from '../../lib/tensor/part-state.js';
import { quietSession } from './play.js';

const test = suite('prefetched');

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Counts how many batches were asked for. */
function counted(batches: number, failAt = Number.POSITIVE_INFINITY) {
  const asked = { count: 0, closed: 0 };
  return {
    asked,
    async *[Symbol.asyncIterator]() {
      try {
        for (let i = 0; i < batches; i++) {
          asked.count++;
          await turn();
          if (i === failAt) throw new Error(`no batch ${i}`);
          yield i;
        }
      } finally {
        asked.closed++;
      }
    },
  };
}

async function pull<T>(cursor: InputCursor<T>): Promise<T | 'end'> {
  const pulled = cursor.next();
  const result = isPending(pulled) ? await firstValueFrom(from(pulled)) : pulled;
  return result.done === true ? 'end' : result.value;
}

const positionOf = (cursor: InputCursor<unknown>): unknown => (cursor.capture() as PartState).json;

test('gives every batch in order, then the end, again and again', async () => {
  const cursor = prefetched(counted(3), 2).open();
  const got = [];
  for (let i = 0; i < 5; i++) got.push(await pull(cursor));
  assert.equal(got, [0, 1, 2, 'end', 'end']);
});

test('asks for nothing before the first batch is wanted, then for as many as wait, and no more', async () => {
  const input = counted(20);
  const cursor = prefetched(input, 3).open();
  for (let i = 0; i < 10; i++) await turn();
  assert.is(input.asked.count, 0);
  await pull(cursor);
  for (let i = 0; i < 20; i++) await turn();
  assert.is(input.asked.count, 4);
  const pulled = cursor.next();
  assert.not.ok(isPending(pulled), 'a batch in waiting costs no promise');
  for (let i = 0; i < 20; i++) await turn();
  assert.is(input.asked.count, 5);
});

test('captures the place after the batch that was given, not after those that wait', async () => {
  const cursor = prefetched(counted(20), 5).open();
  assert.equal(positionOf(cursor), { position: 0 });
  for (let given = 1; given <= 4; given++) {
    await pull(cursor);
    for (let i = 0; i < 20; i++) await turn();
    assert.equal(positionOf(cursor), { position: given });
  }
});

test('goes on from a captured place as if nothing had been fetched ahead', async () => {
  const options = { size: 10, batchSize: 3, seed: 4, epochs: 2, take: (indices: Uint32Array) => [...indices] };
  const whole = [];
  const plain = shuffledBatches(options).open();
  for (let batch = await pull(plain); batch !== 'end'; batch = await pull(plain)) whole.push(batch);
  for (let cut = 0; cut <= whole.length; cut++) {
    const first = prefetched(shuffledBatches(options), 3).open();
    const got = [];
    for (let i = 0; i < cut; i++) got.push(await pull(first));
    const second = prefetched(shuffledBatches(options), 3).open();
    await pull(second);
    const state = first.capture() as PartState;
    assert.equal(second.differences?.(state), []);
    await second.restore(state);
    for (let batch = await pull(second); batch !== 'end'; batch = await pull(second)) got.push(batch);
    assert.equal(got, whole, `cut at ${cut}`);
  }
});

test('gives an error in its turn', async () => {
  const cursor = prefetched(counted(9, 2), 5).open();
  assert.equal([await pull(cursor), await pull(cursor)], [0, 1]);
  for (let i = 0; i < 20; i++) await turn();
  let message = '';
  try {
    await pull(cursor);
  } catch (error) {
    message = (error as Error).message;
  }
  assert.is(message, 'no batch 2');
});

test('closes its input', async () => {
  const input = counted(9);
  const cursor = prefetched(input, 2).open();
  await pull(cursor);
  for (let i = 0; i < 20; i++) await turn();
  cursor.close?.();
  for (let i = 0; i < 5; i++) await turn();
  assert.is(input.asked.closed, 1);
});

test('feeds a session', async () => {
  const batches: unknown[] = [];
  await new Promise<void>((resolve, reject) => {
    quietSession({ input: prefetched(counted(5), 2), step: ({ batch }) => void batches.push(batch) }).subscribe({
      error: reject,
      complete: resolve,
    });
  });
  assert.equal(batches, [0, 1, 2, 3, 4]);
});

test('refuses a count that is none', () => {
  for (const count of [0, -1, 1.5, Number.NaN]) {
    assert.throws(() => prefetched([], count), /prefetched\(count\): expected a positive integer/);
  }
});

test.run();
