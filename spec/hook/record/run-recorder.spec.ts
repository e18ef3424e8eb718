import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Subject } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { UnavailableError } from '../../../lib/error/unavailable-error.js';
import { readRecordedRun, readRunRecord } from '../../../lib/hook/record/read-run.js';
import type { RecordedEvent } from '../../../lib/hook/record/recorded-event.js';
import { runRecorder } from '../../../lib/hook/record/run-recorder.js';
import { fakeProcessTable } from '../../../lib/testing/crash/fake-process-table.js';
import { faultyFileSystem } from '../../../lib/testing/crash/faulty-file-system.js';
import { memoryFileSystem } from '../../../lib/testing/crash/memory-file-system.js';
import { hookLaws } from '../../../lib/testing/hook-laws.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { quietSession } from '../../session/play.js';
import { ended, recordedSession, temporaryRuns } from './recorded-session.js';

const test = suite('runRecorder');

hookLaws({
  test,
  factory: () => runRecorder('/run', { fileSystem: memoryFileSystem(), processes: fakeProcessTable() }),
});

function countSteps(events: readonly RecordedEvent[]): number {
  return events.reduce((sum, event) => sum + (event.kind === 'steps' ? event.count : 0), 0);
}

function kinds(events: readonly RecordedEvent[]): string {
  return events.map(({ kind }) => kind).join(' ');
}

test('writes down what happened, and says how it ended', async () => {
  const { root, remove } = temporaryRuns();
  try {
    const folder = join(root, 'calm-otter');
    await ended(
      recordedSession(folder, { steps: 25, holdMs: 5, seed: 7, config: { lr: 0.1, apiToken: 'abc' }, totalSteps: 25 }),
    );
    const { summary, logs, faults } = readRecordedRun(folder);
    assert.equal(faults, []);
    assert.is(summary?.state, 'finished');
    assert.is(summary?.record.id, 'calm-otter');
    assert.is(summary?.record.seed, 7);
    assert.is(summary?.record.globalStep, 25);
    assert.equal(summary?.record.metrics, new Map([['loss', 1 / 25]]));
    assert.equal(
      summary?.record.config,
      new Map<string, unknown>([
        ['lr', 0.1],
        ['apiToken', '[hidden]'],
      ]),
    );
    assert.equal(
      summary?.record.checkpoints.map(({ globalStep, reason }) => [globalStep, reason]),
      [
        [20, 'among the latest 2'],
        [25, 'among the latest 2'],
      ],
    );
    const events = logs[0]?.events ?? [];
    assert.is(countSteps(events), 25);
    // The last step before a save ends a stretch, so that a save lies between exact steps.
    const saveAt = events.findIndex((event) => event.kind === 'beforeSave' && event.step === 10);
    const before = events.slice(0, saveAt).findLast((event) => event.kind === 'steps');
    assert.is(before?.kind === 'steps' && before.to, 10);
    const hold = events.find((event) => event.kind === 'hold' && event.hook === 'uploadToS3');
    assert.ok(hold?.kind === 'hold' && hold.ms >= 4 && hold.step === 10, JSON.stringify(hold));
    assert.ok(events.some((event) => event.kind === 'hold' && event.hook === 'checkpointSaver'));
    assert.match(kinds(events), /^begin .*sessionCreated .*beforeSave afterSave.* end .*finished$/);
    assert.is(events.filter((event) => event.kind === 'checkpointDeleted').length, 2);
  } finally {
    remove();
  }
});

test('goes on with the record of the run that it goes on with', async () => {
  const { root, remove } = temporaryRuns();
  try {
    await ended(quietSession({ input: [1, 2, 3] }).pipe(runRecorder(root, { id: 'one' })));
    await ended(quietSession({ input: [1, 2] }).pipe(runRecorder(root, { id: 'another' })));
    const { summary, logs } = readRecordedRun(root);
    assert.is(summary?.record.id, 'one');
    assert.equal(
      logs.map(({ name }) => name),
      ['run.events.ndjson', 'run.events.2.ndjson'],
    );
    assert.equal(
      logs.map(({ events }) => countSteps(events)),
      [3, 2],
    );
    assert.equal(
      summary?.record.processes.map(({ events }) => events),
      ['run.events.ndjson', 'run.events.2.ndjson'],
    );
  } finally {
    remove();
  }
});

test('tells failures, recoveries, stops and cancels apart', async () => {
  const { root, remove } = temporaryRuns();
  try {
    await ended(recordedSession(join(root, 'failed'), { steps: 9, failAt: 5, error: new Error('no wood left') }));
    const failed = readRecordedRun(join(root, 'failed'));
    assert.is(failed.summary?.state, 'failed');
    assert.equal(failed.summary?.record.error, { name: 'Error', message: 'no wood left', code: undefined });
    assert.is(failed.logs[0]?.events.at(-1)?.kind, 'failed');

    await ended(
      recordedSession(join(root, 'recovered'), { steps: 9, failAt: 5, error: new UnavailableError('preempted') }),
    );
    const recovered = readRecordedRun(join(root, 'recovered'));
    assert.is(recovered.summary?.state, 'finished');
    const again = recovered.logs[0]?.events.find((event) => event.kind === 'sessionCreated' && event.attempt === 2);
    assert.is(again?.kind === 'sessionCreated' && again.error?.code, 'UNAVAILABLE');

    const cancelled = new Subject<void>();
    const subscription = quietSession({ input: undefined, step: () => undefined })
      .pipe(runRecorder(join(root, 'cut')))
      .subscribe(() => cancelled.next());
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.is(readRunRecord(join(root, 'cut'))?.state, 'running');
    subscription.unsubscribe();
    assert.is(readRunRecord(join(root, 'cut'))?.state, 'stopped');
    assert.is(readRunRecord(join(root, 'cut'))?.record.reason, 'cancelled');
  } finally {
    remove();
  }
});

test('sums steps up', async () => {
  const { root, remove } = temporaryRuns();
  try {
    const steps = 200_000;
    await ended(quietSession({ input: Array.from({ length: steps }, (_, i) => i) }).pipe(runRecorder(root)));
    const events = readRecordedRun(root).logs[0]?.events ?? [];
    assert.is(countSteps(events), steps);
    assert.ok(events.length < 200, `${events.length} lines`);
    let last = 0;
    for (const event of events) {
      if (event.kind !== 'steps') continue;
      assert.is(event.from, last);
      last = event.to;
    }
    assert.is(last, steps);
  } finally {
    remove();
  }
});

test('writes down the firings that it was asked to', async () => {
  const { root, remove } = temporaryRuns();
  try {
    const triggers = { 'every 3': everySteps(3) };
    await ended(quietSession({ input: [1, 2, 3, 4, 5, 6, 7] }).pipe(runRecorder(root, { triggers })));
    const events = readRecordedRun(root).logs[0]?.events ?? [];
    const fired = events.flatMap((event) => (event.kind === 'firing' ? [event.step] : []));
    assert.equal(fired, [3, 6]);
  } finally {
    remove();
  }
});

test('refuses a folder that a process which lives records into', async () => {
  const fileSystem = memoryFileSystem();
  const alive = new Map([[55, '1']]);
  const first = quietSession({ input: undefined, step: () => undefined }).pipe(
    runRecorder('/run', { fileSystem, processes: fakeProcessTable({ pid: 55, start: '1' }) }),
  );
  const subscription = first.subscribe();
  await new Promise((resolve) => setTimeout(resolve, 10));
  const processes = fakeProcessTable({ pid: 66, start: '2' }, alive);
  const error = await ended(quietSession().pipe(runRecorder('/run', { fileSystem, processes })));
  subscription.unsubscribe();
  assert.is((error as Error & { cause?: { code?: string } }).cause?.code, 'STORE_IN_USE');
});

test('is crashed when its process is gone without a word', async () => {
  const fileSystem = memoryFileSystem();
  const subscription = quietSession({ input: undefined, step: () => undefined })
    .pipe(runRecorder('/run', { fileSystem, processes: fakeProcessTable({ pid: 55, start: '1' }) }))
    .subscribe();
  await new Promise((resolve) => setTimeout(resolve, 10));
  const read = (alive: ReadonlyMap<number, string>): string | undefined =>
    readRunRecord('/run', { fileSystem, processes: fakeProcessTable({ pid: 66 }, alive) })?.state;
  assert.is(read(new Map([[55, '1']])), 'running');
  assert.is(read(new Map()), 'crashed');
  assert.is(read(new Map([[55, '2']])), 'crashed', 'the number belongs to another process now');
  const elsewhere = { ...fakeProcessTable({ boot: 'boot-2', host: 'there' }) };
  const readElsewhere = (now: string): string | undefined =>
    readRunRecord('/run', { fileSystem, processes: { ...elsewhere, now: () => now } })?.state;
  assert.is(readElsewhere('2026-01-02T03:04:25.000Z'), 'running');
  assert.is(readElsewhere('2026-01-02T03:05:25.000Z'), 'crashed', 'a process of another machine, long silent');
  subscription.unsubscribe();
});

test('a full disk ends the record, not the run', async () => {
  for (let at = 0; at < 12; at++) {
    const fileSystem = faultyFileSystem(memoryFileSystem(), { at, fault: 'ENOSPC' } as never);
    const last = await ended(
      quietSession({ input: [1, 2, 3] }).pipe(runRecorder('/run', { fileSystem, processes: fakeProcessTable() })),
    );
    assert.is((last as { type?: string }).type, 'end', `fault at operation ${at}: ${last}`);
  }
});

test('reads around damage, and takes a cut line for one that has not come yet', async () => {
  const { root, remove } = temporaryRuns();
  try {
    await ended(recordedSession(root, { steps: 25 }));
    const path = join(root, 'run.events.ndjson');
    const whole = readFileSync(path, 'utf8');
    const all = readRecordedRun(root).logs[0]?.events.length ?? 0;

    writeFileSync(path, whole.slice(0, -5));
    assert.is(readRecordedRun(root).logs[0]?.events.length, all - 1);
    assert.equal(readRecordedRun(root).faults, []);

    const lines = whole.split('\n');
    const hostile = [
      '{"kind":"steps","t":5,"since":9,"from":0,"to":1,"count":1}',
      '{"kind":"steps","t":5,"since":1,"from":0,"to":9007199254740993,"count":1}',
      '{"kind":"hold","t":-1,"ms":1,"hook":"x","event":"step","step":1}',
      '{"kind":"__proto__","t":1}',
      '[]',
      'null',
      '{"kind":"saveFailed","t":1,"step":1,"error":"text"}',
      '\u0000\u0001',
      `"${'x'.repeat(100_000)}"`,
      `{"kind":"firing","t":1,"step":1,"trigger":${'['.repeat(60_000)}}`,
    ];
    writeFileSync(path, [lines[0], ...hostile, ...lines.slice(1)].join('\n'));
    const damaged = readRecordedRun(root);
    assert.is(damaged.logs[0]?.events.length, all);
    assert.ok(damaged.faults.length >= 8, damaged.faults.join('\n'));

    for (let length = 0; length < 400; length += 7) {
      writeFileSync(join(root, 'run.json'), whole.slice(0, length));
      assert.is(readRecordedRun(root).summary, undefined);
    }
    writeFileSync(join(root, 'run.json'), Buffer.alloc(2 << 20, 0x20));
    assert.match(readRecordedRun(root).faults.join(), /are over/);
  } finally {
    remove();
  }
});

test('refuses wrong arguments', () => {
  assert.throws(() => runRecorder(''), /runRecorder\(folder\): expected a path/);
  assert.throws(() => runRecorder('x', { heartbeatSeconds: 0 }), /heartbeatSeconds/);
  assert.throws(() => runRecorder('x', { totalSteps: -1 }), /totalSteps/);
  assert.throws(() => runRecorder('x', { retention: 5 } as never), /unknown option "retention"/);
  assert.throws(() => runRecorder('x', { triggers: { a: 5 as never } }), /triggers/);
});

test.run();
