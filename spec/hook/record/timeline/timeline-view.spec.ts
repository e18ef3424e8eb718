import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { RecordedEvent } from '../../../../lib/hook/record/recorded-event.js';
import { buildTimeline } from '../../../../lib/hook/record/timeline/build-timeline.js';
import { drawTimeline } from '../../../../lib/hook/record/timeline/draw-timeline.js';
import { timelineView, windowOfSteps } from '../../../../lib/hook/record/timeline/timeline-view.js';

const test = suite('timelineView');

const EVENTS: readonly RecordedEvent[] = [
  { kind: 'begin', t: 0, run: 'r', at: '2026-01-01T00:00:00.000Z' },
  { kind: 'sessionCreated', t: 1, step: 0, attempt: 1 },
  { kind: 'steps', t: 11, since: 1, from: 0, to: 10, count: 10 },
  { kind: 'beforeSave', t: 11, step: 10, cause: 'trigger' },
  { kind: 'saveFailed', t: 13, step: 10, error: { name: 'StorageError', message: 'disk full' } },
  { kind: 'steps', t: 14, since: 13, from: 10, to: 11, count: 1 },
  { kind: 'beforeSave', t: 14, step: 11, cause: 'trigger' },
  { kind: 'snapshotTaken', t: 15, step: 11, sizeBytes: 9, stallMs: 1 },
  { kind: 'hold', t: 14, ms: 1, step: 11, hook: 'uploadToS3', event: 'step' },
  { kind: 'steps', t: 17, since: 15, from: 11, to: 13, count: 2 },
  { kind: 'afterSave', t: 18, step: 11, prefix: 'model.ckpt-11', sizeBytes: 9, ms: 4 },
  { kind: 'steps', t: 1018, since: 18, from: 13, to: 1_000_013, count: 1_000_000 },
];
const timeline = buildTimeline({
  summary: undefined,
  logs: [{ name: 'run.events.ndjson', events: EVENTS }],
  faults: [],
});

test('a marble for everything that happened, each in a column of its own', () => {
  const [steps, holds, saves] = drawTimeline(timeline, { fromStep: 9, toStep: 13 }).split('\n');
  assert.match(steps ?? '', /^steps {3}-s-s-----s-----------s-s---…/);
  assert.match(holds ?? '', /^holds {3}-----------h---H-----------…/);
  assert.match(saves ?? '', /^saves {3}-----b-x-----b---S-w-----a-…/);
});

test('keeps what is said with the marbles', () => {
  const drawn = drawTimeline(timeline, { fromStep: 9, toStep: 13 });
  assert.match(drawn, 'step 10  saveFailed 2 ms  StorageError: disk full');
  assert.match(drawn, 'step 11  hold 1 ms (uploadToS3)');
  assert.match(drawn, 'step 11  saved 4 ms  model.ckpt-11, 9 bytes');
});

test('says of a save that was cut off how far it was', () => {
  const cut: readonly RecordedEvent[] = [
    ...EVENTS.slice(0, 3),
    { kind: 'beforeSave', t: 11, step: 10, cause: 'trigger' },
    { kind: 'snapshotTaken', t: 12, step: 10, sizeBytes: 400, stallMs: 1 },
    { kind: 'saveProgress', t: 13, step: 10, writtenBytes: 100, sizeBytes: 400, ms: 2 },
    { kind: 'saveProgress', t: 14, step: 10, writtenBytes: 172, sizeBytes: 400, ms: 3 },
  ];
  const logs = [{ name: 'run.events.ndjson', events: cut }];
  const { items, durationMs } = buildTimeline({ summary: undefined, logs, faults: [] });
  const [save] = items.filter(({ lane }) => lane === 'saves');
  assert.equal([save?.kind, save?.label, durationMs], ['cut', '43 % written', 14]);
});

test('counts every step in every window, to single ones', () => {
  const whole = timelineView(timeline, { since: 0, until: 1018, columns: 500 });
  assert.is(whole.stepCount, 1_000_013);
  assert.is(Math.round(whole.density.reduce((sum, each) => sum + each, 0)), 1_000_013);
  assert.is(whole.steps, undefined);
  assert.is(whole.toStep, 1_000_013);
  // Between two steps there is a microsecond, and with the room at both ends there are a few more.
  const near = timelineView(timeline, { ...windowOfSteps(timeline, 500_001, 500_005), columns: 500 });
  const seen = near.steps?.map(({ step }) => step) ?? [];
  for (let step = 500_001; step <= 500_005; step++) assert.ok(seen.includes(step), `${step} in ${seen}`);
});

test('puts together what is too near to be told apart, and keeps failures', () => {
  const far = timelineView(timeline, { since: 0, until: 1018, columns: 100 });
  assert.ok(far.items.some(({ kind }) => kind === 'saveFailed'));
  assert.ok(
    far.items.some(({ lane, kind }) => lane === 'errors' && kind === 'crashed'),
    'no word of how it ended',
  );
});

test('refuses windows that are none', () => {
  assert.throws(() => timelineView(timeline, { since: 5, until: 5, columns: 10 }), RangeError);
  assert.throws(() => timelineView(timeline, { since: 0, until: 5, columns: 0 }), RangeError);
});

test.run();
