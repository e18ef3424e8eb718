import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../../lib/error/corrupt-data-error.js';
import { UnsupportedDataError } from '../../../../lib/error/unsupported-data-error.js';
import { decodeHparams } from '../../../../lib/format/event/hparams/decode-hparams.js';
import { encodeHparams } from '../../../../lib/format/event/hparams/encode-hparams.js';
import type { HparamsData, HparamValue } from '../../../../lib/format/event/hparams/hparams-data.js';
import { isError } from '../is-error.js';

const test = suite('encodeHparams');

test('writes the trial of TensorFlow, byte for byte', () => {
  const hparams = new Map<string, HparamValue>([
    ['depth', 3],
    ['lr', 0.001],
    ['units', 16],
    ['act', 'relu'],
    ['bn', true],
  ]);
  const start = encodeHparams({ type: 'sessionStart', hparams, groupName: 't0', startTime: 1_700_000_001 });
  assert.is(
    Buffer.from(start).toString('hex'),
    '1a5f0a120a05646570746812091100000000000008400a0f0a026c72120911fca9f1d24d62503f0a120a05756e6974731209110000000000003040' +
      '0a0d0a0361637412061a0472656c750a080a02626e12022001220274302900004040fc54d941',
  );
  const end = encodeHparams({ type: 'sessionEnd', status: 'success', endTime: 1_700_000_100 });
  assert.is(Buffer.from(end).toString('hex'), '220b08011100000059fc54d941');
});

test('is undone by decodeHparams', () => {
  const value: fc.Arbitrary<HparamValue> = fc.oneof(fc.string({ unit: 'grapheme' }), fc.boolean(), fc.double());
  const starts = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), value), { maxLength: 8 }).map(
    (entries): HparamsData => ({
      type: 'sessionStart',
      hparams: new Map(entries),
      groupName: 'g',
      startTime: 1.5,
      modelUri: 'm',
    }),
  );
  fc.assert(fc.property(starts, (data) => assert.equal(decodeHparams(encodeHparams(data)), data)));
  const rest: HparamsData[] = [
    { type: 'sessionEnd', status: 'failure', endTime: 2 },
    { type: 'sessionEnd', status: 'unknown' },
    { type: 'experiment', hparams: [], metrics: [], name: 'n', description: 'd', user: 'u', timeCreated: 3 },
    {
      type: 'experiment',
      hparams: [
        { name: 'a', displayName: 'A', description: 'about', type: 'string', domain: ['x', ''] },
        { name: 'b', type: 'bool', domain: [true, false], differs: true },
        { name: 'c' },
      ],
      metrics: [{ tag: 't', description: 'about', datasetType: 'training' }],
    },
  ];
  for (const data of rest) assert.equal(decodeHparams(encodeHparams(data)), data);
});

test('decodeHparams refuses what is none', () => {
  assert.throws(() => decodeHparams(new Uint8Array(0)), /without experiment or session/);
  assert.throws(() => decodeHparams(Uint8Array.of(0x08, 0x01)), isError(UnsupportedDataError));
  assert.throws(
    () => decodeHparams(Uint8Array.of(0x1a, 0x05, 0x0a, 0x03, 0x0a, 0x01, 0x61)),
    /hyperparameter a without a value/,
  );
  const bytes = encodeHparams({
    type: 'sessionStart',
    hparams: new Map<string, HparamValue>([
      ['a', 'text'],
      ['b', 2],
    ]),
  });
  for (let length = 1; length < bytes.length; length++) {
    assert.throws(() => decodeHparams(bytes.subarray(0, length)), isError(CorruptDataError));
  }
});

test('refuses values of other types', () => {
  const hparams = new Map([['a', null as unknown as HparamValue]]);
  assert.throws(() => encodeHparams({ type: 'sessionStart', hparams }), isError(TypeError));
  assert.throws(() => encodeHparams({ type: 'sessionStart', hparams: new Map([['a', '\ud800']]) }), isError(TypeError));
});

test.run();
