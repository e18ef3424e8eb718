import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  AfterSaveEvent,
  BeforeSaveEvent,
  CheckpointDeletedEvent,
  type SaveControl,
  SaveFailedEvent,
  SaveProgressEvent,
  SaveSkippedEvent,
  SnapshotTakenEvent,
} from '../../../lib/checkpoint/checkpoint-event.js';
import { decodeRecordedEvent } from '../../../lib/hook/record/decode-recorded-event.js';
import { encodeRecordedEvent } from '../../../lib/hook/record/encode-recorded-event.js';
import { recordSave } from '../../../lib/hook/record/record-hook-event.js';
import { Moment } from '../../../lib/session/moment.js';

const test = suite('recordSave');

const control: SaveControl = { moment: new Moment(), requestStop: () => {}, skip: () => {} };
const checkpoint = {
  prefix: 'model.ckpt-7',
  globalStep: 7,
  savedAt: 0,
  sizeBytes: 90,
  metrics: new Map(),
  parent: undefined,
};

for (const [event, expected] of [
  [new BeforeSaveEvent(control, 7, 'trigger'), { kind: 'beforeSave', cause: 'trigger' }],
  [new SnapshotTakenEvent(control, 7, 80, 0.002), { kind: 'snapshotTaken', sizeBytes: 80, stallMs: 2 }],
  [new SaveProgressEvent(control, 7, 40, 80, 0.25), { kind: 'saveProgress', writtenBytes: 40, sizeBytes: 80, ms: 250 }],
  [
    new AfterSaveEvent(control, 7, checkpoint, 0.5),
    { kind: 'afterSave', prefix: 'model.ckpt-7', sizeBytes: 90, ms: 500 },
  ],
  [
    new SaveFailedEvent(control, 7, new TypeError('no')),
    { kind: 'saveFailed', error: { name: 'TypeError', message: 'no', code: undefined } },
  ],
  [new SaveSkippedEvent(control, 7, 'busy'), { kind: 'saveSkipped', reason: 'busy' }],
  [
    new CheckpointDeletedEvent(control, 9, checkpoint),
    { kind: 'checkpointDeleted', step: 9, prefix: 'model.ckpt-7', checkpointStep: 7 },
  ],
] as const) {
  test(`${event.type} is read back from its line as it was`, () => {
    const recorded = recordSave(event, 12.5);
    if (recorded === undefined) throw new Error('expected a phase of a save');
    const read = decodeRecordedEvent(encodeRecordedEvent(recorded), 'line 1');
    assert.equal(read, { t: 12.5, step: 7, ...expected });
  });
}

test.run();
