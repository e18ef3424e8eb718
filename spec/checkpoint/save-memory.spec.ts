// How much memory a save takes, as the kernel counts it, in a process of its own.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { measureMemory } from '../bench/measure-memory.js';

const MB = 1_000_000;
/** The thread compiles its own copy of the library here, which a package does not. */
const LOADER_BYTES = 64 * MB;
const test = suite('memory of a save');

if (process.platform === 'linux') {
  test('a save on the session’s thread makes no copy of the state', async () => {
    const { beforeBytes, peakBytes, stateBytes } = await measureMemory('sync', 100, 2 * MB);
    assert.is(stateBytes, 200 * MB);
    assert.ok(peakBytes - beforeBytes <= 64 * MB, `it grew by ${peakBytes - beforeBytes} bytes`);
  });

  test('a save in the background makes one copy of the state', async () => {
    const { beforeBytes, peakBytes, stateBytes } = await measureMemory('async', 100, 2 * MB);
    const grown = peakBytes - beforeBytes;
    assert.ok(grown >= stateBytes, `it grew by ${grown} bytes: where is the copy?`);
    assert.ok(grown <= stateBytes + 64 * MB + LOADER_BYTES, `it grew by ${grown} bytes`);
  });
}

test.run();
