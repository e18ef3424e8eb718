// A process of `kill-loop.spec.ts`: takes the store, then saves and removes as fast as it can until it is killed. It
// prints each step that was acknowledged.

import { writeSync } from 'node:fs';
import { fileStore } from '../../lib/store/file-store.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';
import { checkpointFiles } from '../testing/crash/checkpoint-files.js';

const [folder = '', first = '0'] = process.argv.slice(2);
const store = fileStore(folder);
answerOf(store.lock());
for (let step = Number(first); ; step++) {
  answerOf(store.write(`m-${step}`, checkpointFiles(`m-${step}`, `${step} `.repeat(20_000), 2)));
  answerOf(store.writeState(new TextEncoder().encode(`m-${step}`)));
  writeSync(1, `${step}\n`);
  const old = answerOf(store.list(['.index'])).filter((prefix) => Number(prefix.slice(2)) < step - 1);
  answerOf(store.remove(old, ['.index']));
}
