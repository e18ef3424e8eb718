import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { followSave, type SaveInFlight } from '../../../lib/dashboard/data/save-in-flight.js';
import type { RecordedEvent } from '../../../lib/node.js';

const test = suite('followSave');

const before: RecordedEvent = { kind: 'beforeSave', t: 1, step: 7, cause: 'trigger' };
const taken: RecordedEvent = { kind: 'snapshotTaken', t: 2, step: 7, sizeBytes: 100, stallMs: 1 };
const progress: RecordedEvent = { kind: 'saveProgress', t: 3, step: 7, writtenBytes: 43, sizeBytes: 100, ms: 2 };

function after(...events: readonly RecordedEvent[]): SaveInFlight | undefined {
  return events.reduce<SaveInFlight | undefined>(followSave, undefined);
}

test('is told from its beginning on, with how far it is', () => {
  assert.is(after(), undefined);
  assert.equal(after(before), { step: 7, writtenBytes: 0, sizeBytes: undefined });
  assert.equal(after(before, taken), { step: 7, writtenBytes: 0, sizeBytes: 100 });
  assert.equal(after(before, taken, progress), { step: 7, writtenBytes: 43, sizeBytes: 100 });
});

for (const end of [
  { kind: 'afterSave', t: 4, step: 7, prefix: 'model.ckpt-7', sizeBytes: 110, ms: 3 },
  { kind: 'saveFailed', t: 4, step: 7, error: { name: 'Error', message: 'no' } },
  { kind: 'saveSkipped', t: 4, step: 7, reason: 'superseded' },
  { kind: 'sessionCreated', t: 4, step: 0, attempt: 2 },
  { kind: 'failed', t: 4, step: 7, error: { name: 'Error', message: 'no' } },
  { kind: 'cancelled', t: 4, step: 7 },
] as const satisfies readonly RecordedEvent[]) {
  test(`is over with ${end.kind}`, () => assert.is(after(before, taken, progress, end), undefined));
}

test('a newer one that waits is told instead; that the older one ended does not end it', () => {
  const newer: RecordedEvent = { ...before, step: 9 };
  const end: RecordedEvent = { kind: 'afterSave', t: 4, step: 7, prefix: 'model.ckpt-7', sizeBytes: 110, ms: 3 };
  assert.is(after(before, taken, newer, end)?.step, 9);
});

test.run();
