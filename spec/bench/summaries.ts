import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import protobuf from 'protobufjs';
import { asyncScheduler, type Observable, Subject } from 'rxjs';
import { histogramValue } from '../../lib/format/event/value/histogram-value.js';
import { encodeRecord } from '../../lib/format/tfrecord.js';
import { hook } from '../../lib/hook/hook.js';
import { summarySaver } from '../../lib/hook/summary/summary-saver.js';
import { silentLogger } from '../../lib/log/logger.js';
import { type AnyEvent, BeginEvent, SessionCreatedEvent, StepEvent } from '../../lib/session/event.js';
import { eventFileWriter } from '../../lib/summary/event-file/event-file-writer.js';
import type { OpenSummarySink, SummaryBatch } from '../../lib/summary/summary-sink.js';
import { fakeRun } from '../../lib/testing/fake-run.js';
import { everySteps } from '../../lib/trigger/every-steps.js';
import { type BenchmarkReport, interleaved, type Measured, nanosecondsEach, ratio, spread } from './measure.js';

const SCALARS = 200_000;
const HISTOGRAMS = 300;
const VALUES = 10_000;
const IDLE_STEPS = 1_000_000;
const FIRING_STEPS = 10_000;
const TAGS = 10;

/** Measures what summaries cost, on the way into a file of the machine. */
export async function run(): Promise<BenchmarkReport> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-bench-'));
  try {
    const weights = Float32Array.from({ length: VALUES }, (_, i) => Math.sin(i) * 0.1);
    const measured = await interleaved({
      scalars: () => withSink(folder, writeScalars),
      jsonLines: () => withFile(folder, (file) => naiveJsonLines(file)),
      protobufjs: () => withFile(folder, (file) => protobufScalars(file)),
      histograms: () => withSink(folder, (sink) => writeHistograms(sink, weights)),
      nothing: () => steps(folder, IDLE_STEPS, 'nothing'),
      idleHook: () => steps(folder, IDLE_STEPS, 'idle hook'),
      idleSaver: () => steps(folder, IDLE_STEPS, 'idle saver'),
      firingSaver: () => steps(folder, FIRING_STEPS, 'firing saver'),
    });
    const { scalars, jsonLines, protobufjs, histograms, nothing, idleHook, idleSaver, firingSaver } = measured;
    const perSecond = (one: Measured): string => `${Math.round(1e9 / one.median).toLocaleString('en')} /s`;
    return {
      title: 'Summaries',
      columns: ['what', 'ns each (quartiles)', 'rate', 'compared'],
      rows: [
        ['scalar into an event file', spread(scalars, 0), perSecond(scalars), ''],
        ['… naive lines of JSON', spread(jsonLines, 0), perSecond(jsonLines), ratio(scalars, jsonLines)],
        ['… protobufjs and one framing each', spread(protobufjs, 0), perSecond(protobufjs), ratio(scalars, protobufjs)],
        [`histogram of ${VALUES} values`, spread(histograms, 0), perSecond(histograms), ''],
        ['step without a hook', spread(nothing), '', ''],
        ['step with a hook that sleeps', spread(idleHook), '', ''],
        ['step with a summary saver that does not fire', spread(idleSaver), '', ratio(idleSaver, idleHook)],
        [`step on which a saver draws ${TAGS} scalars`, spread(firingSaver, 0), '', ''],
      ],
      notes: [
        'Scalars and histograms include framing, checksums and appending to the file; ratios are ours to the other.',
        'Goals: 1,000,000 scalars/s, 10,000 histograms/s, an idle saver as an idle hook, 20,000 ns for ten scalars.',
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function withSink(folder: string, work: (sink: OpenSummarySink) => number): number {
  const sink = eventFileWriter(join(folder, crypto.randomUUID())).open({
    identity: {},
    logger: silentLogger,
    scheduler: asyncScheduler,
    onFault: ({ error }) => {
      throw error;
    },
  });
  try {
    return work(sink);
  } finally {
    sink.close();
  }
}

function withFile(folder: string, work: (file: number) => number): number {
  const file = openSync(join(folder, crypto.randomUUID()), 'w');
  try {
    return work(file);
  } finally {
    closeSync(file);
  }
}

function writeScalars(sink: OpenSummarySink): number {
  return nanosecondsEach(SCALARS, () => {
    for (let i = 0; i < SCALARS / TAGS; i++) sink.write(i, batchOf(i));
    void sink.flush();
  });
}

function batchOf(step: number): SummaryBatch {
  const scalars = new Map<string, number>();
  for (let tag = 0; tag < TAGS; tag++) scalars.set(NAMES[tag] as string, step * 0.001 + tag);
  return { scalars, values: [] };
}

const NAMES = Array.from({ length: TAGS }, (_, i) => `train/metric_${i}`);

/** As most people would write it: a line a value, joined and appended in pieces of the same size. */
function naiveJsonLines(file: number): number {
  return nanosecondsEach(SCALARS, () => {
    let text = '';
    for (let i = 0; i < SCALARS / TAGS; i++) {
      for (const [tag, value] of batchOf(i).scalars) {
        text += `${JSON.stringify({ wallTime: Date.now() / 1000, step: i, tag, value })}\n`;
      }
      if (text.length > 65_536) {
        writeSync(file, text);
        text = '';
      }
    }
    writeSync(file, text);
  });
}

const proto = protobuf.parse(`syntax = "proto3";
  message Tensor { int32 dtype = 1; Shape tensor_shape = 2; bytes tensor_content = 4; }
  message Shape {}
  message Plugin { string plugin_name = 1; }
  message Metadata { Plugin plugin_data = 1; }
  message Value { string tag = 1; Tensor tensor = 8; Metadata metadata = 9; }
  message Summary { repeated Value value = 1; }
  message Event { double wall_time = 1; int64 step = 2; Summary summary = 5; }`).root;
const EventType = proto.lookupType('Event');

function protobufScalars(file: number): number {
  return nanosecondsEach(SCALARS, () => {
    let records: Uint8Array[] = [];
    let length = 0;
    for (let i = 0; i < SCALARS / TAGS; i++) {
      for (const [tag, number] of batchOf(i).scalars) {
        const tensor = { dtype: 1, tensorShape: {}, tensorContent: new Uint8Array(Float32Array.of(number).buffer) };
        const metadata = { pluginData: { pluginName: 'scalars' } };
        const summary = { value: [{ tag, tensor, metadata }] };
        const record = encodeRecord(EventType.encode({ wallTime: Date.now() / 1000, step: i, summary }).finish());
        records.push(record);
        length += record.length;
      }
      if (length > 65_536) {
        writeSync(file, Buffer.concat(records));
        [records, length] = [[], 0];
      }
    }
    writeSync(file, Buffer.concat(records));
  });
}

function writeHistograms(sink: OpenSummarySink, weights: Float32Array): number {
  return nanosecondsEach(HISTOGRAMS, () => {
    for (let i = 0; i < HISTOGRAMS; i++) {
      sink.write(i, { scalars: new Map(), values: [histogramValue('weights/dense/kernel', weights)] });
    }
    void sink.flush();
  });
}

/** Steps through one hook, or none. */
function steps(folder: string, count: number, kind: 'nothing' | 'idle hook' | 'idle saver' | 'firing saver'): number {
  const fake = fakeRun({ scheduler: asyncScheduler });
  const source = new Subject<AnyEvent>();
  const outputs = Object.fromEntries(batchOf(1).scalars);
  const sink = eventFileWriter(join(folder, crypto.randomUUID()));
  let seen = 0;
  hooked(source, sink, kind).subscribe(() => {
    seen++;
  });
  source.next(new BeginEvent(fake));
  source.next(new SessionCreatedEvent(fake, {}, 0, 1, undefined, undefined));
  const each = nanosecondsEach(count, () => {
    for (let step = 1; step <= count; step++) source.next(new StepEvent(fake, undefined, step, step - 1, outputs));
  });
  source.complete();
  if (seen < count) throw new Error(`${seen} of ${count} events came through`);
  return each;
}

function hooked(
  source: Subject<AnyEvent>,
  sink: ReturnType<typeof eventFileWriter>,
  kind: Parameters<typeof steps>[2],
): Observable<AnyEvent> {
  switch (kind) {
    case 'nothing':
      return source;
    case 'idle hook':
      return source.pipe(hook('idle', (output) => ({ step: () => output.sleepUntil(Number.POSITIVE_INFINITY) })));
    case 'idle saver':
      return source.pipe(summarySaver(sink, { trigger: everySteps(1e9) }));
    case 'firing saver':
      return source.pipe(summarySaver(sink, { trigger: everySteps(1) }));
  }
}
