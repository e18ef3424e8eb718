// Runs that save in the background and are cancelled at any moment.

import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { counted, seed, times } from '../faults/soak.js';
import type { CancelledRuns } from './cancelled-runs.js';
import { runProgram } from './start-program.js';

const test = suite('cancelled background saves');

test('a run that is cancelled at any moment leaves nothing half, no lock and no handle', async () => {
  const counts = { cancels: 0, 'during a save': 0, 'left half': 0, 'handles leaked': 0, 'files left open': 0 };
  const cancels = times(200, 1250);
  for (let nth = 0; nth < times(1, 8); nth++) {
    const found = await runProgram<CancelledRuns>('cancelled-runs', { cancels, seed: seed + nth });
    assert.equal(found.handlesAfter, found.handlesBefore);
    assert.equal(found.filesAfter, found.filesBefore);
    assert.ok(found.lastStep > cancels / 10, `only ${found.lastStep} steps were saved`);
    assert.ok(found.duringSave > cancels / 20, `only ${found.duringSave} during a save`);
    counts.cancels += found.cancels;
    counts['during a save'] += found.duringSave;
  }
  counted('cancelled runs', counts);
});

test.run();
