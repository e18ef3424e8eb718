import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decideLastSave } from '../../../lib/hook/stop/decide-last-save.js';

const test = suite('decideLastSave');

const table = [
  ['nothing measured', 10, undefined, undefined, 'save'],
  ['nothing measured, and something is saved', 0, undefined, 0, 'save'],
  ['enough time', 10, 9, undefined, 'save'],
  ['just enough time', 10, 10, undefined, 'save'],
  ['too little time', 10, 10.1, undefined, 'keepLast'],
  ['time for what is saved and for another', 10, 6, 4, 'save'],
  ['time for what is saved only', 10, 6, 4.1, 'finishRunning'],
  ['just time for what is saved', 4, 6, 4, 'finishRunning'],
  ['no time even for what is saved', 3.9, 6, 4, 'keepLast'],
] as const;

for (const [name, remainingSeconds, saveSeconds, runningSeconds, expected] of table) {
  test(name, () => assert.is(decideLastSave({ remainingSeconds, saveSeconds, runningSeconds }), expected));
}

test.run();
