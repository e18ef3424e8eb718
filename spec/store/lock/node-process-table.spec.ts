import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeProcessTable } from '../../../lib/store/lock/node-process-table.js';
import { judge, markOf } from '../../../lib/store/lock/writer-mark.js';

const test = suite('nodeProcessTable');
const isLinux = existsSync('/proc/self/stat');

test('describes this process', () => {
  const self = nodeProcessTable.self();
  assert.is(self.pid, process.pid);
  assert.match(self.token, /^[0-9a-f]{8}$/);
  assert.is(judge(markOf(self), nodeProcessTable), 'alive');
  if (!isLinux) return;
  assert.is(self.boot, readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  assert.match(self.start, /^[1-9]\d*$/);
  assert.match(self.pidSpace, /^\d+:\d+$/);
});

test('knows a process that ended, also one that nobody has asked for its end', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const { pid = 0 } = child;
  const start = nodeProcessTable.startOf(pid);
  assert.type(start, 'string');
  const mark = { ...markOf(nodeProcessTable.self()), pid, start: start ?? '' };
  assert.is(judge(mark, nodeProcessTable), 'alive');
  assert.is(judge({ ...mark, start: '1' }, nodeProcessTable), isLinux ? 'dead' : 'alive');

  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  if (isLinux) {
    // Node reaps it in the event loop, which does not turn here: until then it is a zombie.
    for (let look = 0; look < 500 && nodeProcessTable.startOf(pid) !== undefined; look++) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10);
    }
    assert.match(readFileSync(`/proc/${pid}/stat`, 'utf8'), / [ZX] /);
    assert.is(nodeProcessTable.startOf(pid), undefined);
  }
  await ended;
  assert.is(judge(mark, nodeProcessTable), 'dead');
});

test.run();
