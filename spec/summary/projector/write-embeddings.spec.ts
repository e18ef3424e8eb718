import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'fast-png';
import { lastValueFrom } from 'rxjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { hook } from '../../../lib/hook/hook.js';
import { silentLogger } from '../../../lib/log/logger.js';
import { trainingSession } from '../../../lib/session/training-session.js';
import { type Embedding, writeEmbeddings } from '../../../lib/summary/projector/write-embeddings.js';
import { fakeState } from '../../../lib/testing/fake-state.js';
import { temporaryFolder } from '../../store/temporary-folder.js';

const test = suite('writeEmbeddings');
const plain: Embedding = { name: 'layer', vectors: Float32Array.of(1, 2, 3, 4.5, -5, 6), dimensions: 2 };

test('writes what the projector reads, and nothing else', async () => {
  const folder = join(temporaryFolder().path, 'logs', 'train');
  const pictures = { shape: [3, 2, 1, 1] as const, data: Uint8Array.of(10, 11, 20, 21, 30, 31) };
  const rich: Embedding = {
    ...plain,
    name: 'digits "2"',
    pictures,
    labels: [
      ['1', 'one'],
      ['2', 'two'],
      ['3', 'drei ß'],
    ],
    columns: ['digit', 'word'],
  };
  const written = await lastValueFrom(writeEmbeddings(folder, [plain, rich]));
  assert.is(written, join(folder, 'projector_config.pbtxt'));
  const text = (name: string): string => readFileSync(join(folder, name), 'utf8');
  assert.equal(readdirSync(folder).sort(), [
    'embedding-0-vectors.tsv',
    'embedding-1-labels.tsv',
    'embedding-1-sprite.png',
    'embedding-1-vectors.tsv',
    'projector_config.pbtxt',
  ]);
  assert.is(text('embedding-0-vectors.tsv'), '1\t2\n3\t4.5\n-5\t6\n');
  assert.is(text('embedding-1-labels.tsv'), 'digit\tword\n1\tone\n2\ttwo\n3\tdrei ß\n');
  assert.is(
    text('projector_config.pbtxt'),
    `embeddings {
  tensor_name: "layer"
  tensor_shape: 3
  tensor_shape: 2
  tensor_path: "embedding-0-vectors.tsv"
}
embeddings {
  tensor_name: "digits \\"2\\""
  metadata_path: "embedding-1-labels.tsv"
  tensor_shape: 3
  tensor_shape: 2
  sprite {
    image_path: "embedding-1-sprite.png"
    single_image_dim: 1
    single_image_dim: 2
  }
  tensor_path: "embedding-1-vectors.tsv"
}
`,
  );
  const sprite = decode(readFileSync(join(folder, 'embedding-1-sprite.png')));
  assert.equal([sprite.width, sprite.height, ...sprite.data], [2, 4, 10, 20, 11, 21, 30, 0, 31, 0]);
});

test('acts when it is subscribed to, so a hook may hold the run for it', async () => {
  const { path } = temporaryFolder();
  let isThereAtEnd = false;
  const session = trainingSession({
    scaffold: { create: () => fakeState() },
    input: [1, 2],
    step: () => {},
    logger: silentLogger,
  });
  const config = join(path, 'projector_config.pbtxt');
  const embeddings = hook('embeddings', () => ({
    end(event) {
      event.waitUntil(writeEmbeddings(path, [plain]));
      isThereAtEnd = existsSync(config);
    },
  }));
  await lastValueFrom(session.pipe(embeddings));
  assert.is(isThereAtEnd, false);
  assert.ok(existsSync(config));
});

test('writes nothing of what does not fit, and says what', async () => {
  const { path } = temporaryFolder();
  const wrong: readonly [Partial<Embedding>, RegExp][] = [
    [{ labels: ['a'] }, /^writeEmbeddings\(labels\): expected one for each point of layer, 3, received 1$/],
    [{ pictures: { shape: [2, 1, 1, 1], data: new Uint8Array(2) } }, /^writeEmbeddings\(pictures\): .* 3, received 2$/],
    [{ dimensions: 4 }, /^encodeVectors\(dimensions\)/],
    [{ vectors: [1, Number.NaN] }, /^encodeVectors\(vectors\)/],
    [{ labels: ['a', 'b\tc', 'd'] }, /^encodeLabels\(rows\)/],
    [{ name: '' }, /^encodeProjectorConfig\(tensor_name\)/],
  ];
  for (const [part, message] of wrong) {
    let failure: unknown;
    await lastValueFrom(writeEmbeddings(path, [plain, { ...plain, name: 'layer', ...part }].slice(1))).catch(
      (error: unknown) => (failure = error),
    );
    assert.match((failure as Error).message, message);
  }
  await lastValueFrom(writeEmbeddings(path, [plain, plain])).then(
    () => assert.unreachable(),
    (error: unknown) => assert.match(String(error), /layer again/),
  );
  assert.equal(readdirSync(path), []);
  assert.throws(() => writeEmbeddings('', [plain]), /^writeEmbeddings\(folder\)/);
  assert.throws(() => writeEmbeddings(path, []), /^writeEmbeddings\(embeddings\)/);
  const file = join(path, 'file');
  writeFileSync(file, '');
  await lastValueFrom(writeEmbeddings(file, [plain])).then(
    () => assert.unreachable(),
    (error: { code?: string }) => assert.type(error.code, 'string'),
  );
});

test.run();
