import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { clearRunFolder } from '../../../lib/cli/session/clear-run-folder.js';
import { ended, recordedSession, temporaryRuns } from '../../hook/record/recorded-session.js';

const test = suite('clearRunFolder');

test('leaves nothing of the run, also no state file that names what is gone, and all else', async () => {
  const { root, remove } = temporaryRuns();
  await ended(recordedSession(join(root, 'a'), { steps: 25 }));
  writeFileSync(join(root, 'a', 'notes.txt'), 'mine');
  assert.is((await clearRunFolder(join(root, 'a'), '--overwrite')).prefixes.length, 2);
  assert.equal(readdirSync(join(root, 'a')), ['notes.txt']);
  assert.equal((await clearRunFolder(join(root, 'nowhere'), '--overwrite')).prefixes, []);
  remove();
});

test.run();
