import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { profileFolder } from '../../../lib/hook/profile/profile-folder.js';
import { temporaryFolder } from '../../store/temporary-folder.js';

const test = suite('profileFolder');

test('makes the folder with the first profile, and leaves nothing else in it', async () => {
  const folder = join(temporaryFolder().path, 'a', 'b');
  const sink = profileFolder(folder);
  await lastValueFrom(sink.write('timeline-2.json', 'old') as never, { defaultValue: undefined });
  await lastValueFrom(sink.write('timeline-2.json', '{"ß":1}') as never, { defaultValue: undefined });
  assert.equal(readdirSync(folder), ['timeline-2.json']);
  assert.is(readFileSync(join(folder, 'timeline-2.json'), 'utf8'), '{"ß":1}');
});

test('fails where there is no folder', async () => {
  const file = join(temporaryFolder().path, 'file');
  writeFileSync(file, '');
  const sink = profileFolder(join(file, 'profiles'));
  let failure: unknown;
  await lastValueFrom(sink.write('x', '') as never).catch((error: unknown) => (failure = error));
  assert.match(String(failure), /not a folder/i);
});

test('refuses what is no path', () => {
  assert.throws(
    () => profileFolder(''),
    (error: unknown) => error instanceof TypeError,
  );
});

test.run();
