// Every kind of value goes the same way: from a source of summarySaver into the event file, as TensorBoard reads it.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lastValueFrom } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { decodeLayout } from '../../../lib/format/event/custom-scalars/layout.js';
import { layoutValue } from '../../../lib/format/event/custom-scalars/layout-value.js';
import { encodePngs } from '../../../lib/format/event/media/encode-png.js';
import { encodeWav } from '../../../lib/format/event/media/encode-wav.js';
import { readEvents } from '../../../lib/format/event/read-events.js';
import type { SummaryValue } from '../../../lib/format/event/summary-value.js';
import { audioValue } from '../../../lib/format/event/value/audio-value.js';
import { histogramValue } from '../../../lib/format/event/value/histogram-value.js';
import { imageValue } from '../../../lib/format/event/value/image-value.js';
import { meshValues } from '../../../lib/format/event/value/mesh-values.js';
import { prCurveValue } from '../../../lib/format/event/value/pr-curve-value.js';
import { tensorValue } from '../../../lib/format/event/value/tensor-value.js';
import { textValue } from '../../../lib/format/event/value/text-value.js';
import { hook } from '../../../lib/hook/hook.js';
import { summarySaver } from '../../../lib/hook/summary/summary-saver.js';
import { silentLogger } from '../../../lib/log/logger.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import { eventFileWriter } from '../../../lib/summary/event-file/event-file-writer.js';
import { makeTensor } from '../../../lib/tensor/make-tensor.js';
import { fakeState } from '../../../lib/testing/fake-state.js';
import { everySteps } from '../../../lib/trigger/every-steps.js';
import { temporaryFolder } from '../../store/temporary-folder.js';

const test = suite('kinds of summaries');
const TABLE = '| truth | read as |\n|---|---|\n| 7 | 1 |\n';
const layout = {
  categories: [{ title: 'training', isClosed: false, charts: [{ type: 'multiline', title: 'l', tags: ['loss'] }] }],
} as const;

function all(): readonly SummaryValue[] {
  const pixels = { shape: [2, 1, 1, 3] as const, data: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  return [
    histogramValue('histogram', Float32Array.of(1, 2, 3)),
    imageValue('image', encodePngs(pixels)),
    audioValue('audio', [encodeWav(Float32Array.of(0, 0.5), { sampleRateHz: 8000 })]),
    textValue('markdown', TABLE),
    textValue('table', [
      ['truth', 'read as'],
      ['7', '1'],
    ]),
    tensorValue('tensor', makeTensor('int32', [2], Int32Array.of(1, 2))),
    prCurveValue('pr', [true, false], [0.9, 0.2]),
    ...meshValues('mesh', { batch: 1, vertices: new Float32Array(9), faces: Int32Array.of(0, 1, 2) }),
  ];
}

test('all of them come from a source or a fetch, and are in the event file under their plugins', async () => {
  const { path } = temporaryFolder();
  const session = trainingSession({
    scaffold: { create: () => fakeState() },
    input: [1, 2],
    step: () => ({ loss: 1 }),
    logger: silentLogger,
  });
  await lastValueFrom(
    session.pipe(
      hook('fetches', () => ({ begin: (event) => event.addFetch('fetched', () => [textValue('of a fetch', 'x')]) })),
      summarySaver(eventFileWriter(path), {
        trigger: everySteps(2),
        values: [{ atStart: () => [layoutValue(layout)] }, all],
        fetches: ['fetched'],
      }),
    ),
  );
  const drawn = new Map<string, { step: number; value: SummaryValue }>();
  const [file] = readdirSync(path).filter((name) => name.includes('tfevents'));
  for (const { event } of readEvents(bytesSource('events', readFileSync(join(path, file ?? ''))))) {
    if (event.type !== 'summary') continue;
    for (const value of event.values) drawn.set(value.tag, { step: Number(event.step), value });
  }
  const plugins = [...drawn].map(([tag, { step, value }]) => [tag, value.metadata?.pluginName, step]);
  assert.equal(plugins, [
    ['custom_scalars__config__', 'custom_scalars', 0],
    ['histogram', 'histograms', 2],
    ['image', 'images', 2],
    ['audio', 'audio', 2],
    ['markdown', 'text', 2],
    ['table', 'text', 2],
    ['tensor', drawn.get('tensor')?.value.metadata?.pluginName, 2],
    ['pr', 'pr_curves', 2],
    ['mesh_VERTEX', 'mesh', 2],
    ['mesh_FACE', 'mesh', 2],
    ['of a fetch', 'text', 2],
  ]);
  const strings = (tag: string) => {
    const data = drawn.get(tag)?.value.data;
    assert.ok(data?.type === 'tensor' && data.tensor.dtype === 'string');
    return data.tensor.values.map((bytes) => new TextDecoder().decode(bytes));
  };
  assert.equal(strings('markdown'), [TABLE]);
  assert.equal(strings('table'), ['truth', 'read as', '7', '1']);
  const config = drawn.get('custom_scalars__config__')?.value.data;
  assert.ok(config?.type === 'tensor' && config.tensor.dtype === 'string');
  assert.equal(decodeLayout(config.tensor.values[0] as Uint8Array), layout);
});

test.run();
