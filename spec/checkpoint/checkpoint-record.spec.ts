import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { type CheckpointRecord, decodeRecord, encodeRecord } from '../../lib/checkpoint/checkpoint-record.js';
import { CorruptDataError } from '../../lib/error/corrupt-data-error.js';
import { crc32c } from '../../lib/format/crc32c.js';

const test = suite('checkpointRecord');

const sample: CheckpointRecord = {
  globalStep: 500,
  savedAt: 1795176857.82,
  parent: 'model.ckpt-400',
  metrics: new Map([
    ['loss', 0.25],
    ['worst', Number.POSITIVE_INFINITY],
  ]),
  format: 'tensor-bundle',
  files: [{ suffix: '.data-00000-of-00001', sizeBytes: 60 }],
};

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A record with a right checksum, whatever it says. */
function sealed(value: unknown): Uint8Array {
  const body = JSON.stringify(value).slice(0, -1);
  return bytesOf(`${body},"crc32c":${crc32c(bytesOf(body))}}\n`);
}

function refuses(bytes: Uint8Array, fault: RegExp | string): void {
  assert.throws(
    () => decodeRecord(bytes, 'x.tidemark.json'),
    (error: unknown) => {
      assert.instance(error, CorruptDataError);
      assert.match((error as Error).message, fault);
      assert.match((error as Error).message, '(x.tidemark.json)');
      return true;
    },
  );
}

test('writes compact JSON that ends with its checksum', () => {
  const text = new TextDecoder().decode(encodeRecord(sample));
  const body =
    '{"version":1,"globalStep":500,"savedAt":1795176857.82,"parent":"model.ckpt-400","metrics":{"loss":0.25,' +
    '"worst":"Infinity"},"format":"tensor-bundle","files":[{"suffix":".data-00000-of-00001","sizeBytes":60}]';
  assert.is(text, `${body},"crc32c":${crc32c(bytesOf(body))}}\n`);
});

test('comes back as it was, whatever its metrics', () => {
  fc.assert(
    fc.property(
      fc.maxSafeNat(),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: 0 }),
      fc.option(fc.string({ unit: 'binary' }), { nil: undefined }),
      fc.array(
        fc.tuple(
          fc.oneof(
            fc.string({ unit: 'grapheme' }),
            fc.constantFrom('__proto__', 'constructor', 'crc32c', ',"crc32c":'),
          ),
          fc.oneof(fc.double(), fc.constantFrom(-0, Number.NaN, Number.NEGATIVE_INFINITY)),
        ),
      ),
      fc.option(fc.array(fc.nat(0xffffffff), { maxLength: 5000 }), { nil: undefined }),
      (globalStep, savedAt, parent, metrics, partCrc32c) => {
        const files = [{ suffix: '.safetensors', sizeBytes: 7, ...(partCrc32c === undefined ? {} : { partCrc32c }) }];
        const record = {
          globalStep,
          savedAt: savedAt + 0,
          parent,
          metrics: new Map(metrics),
          format: 'safetensors',
          files,
        };
        const found = decodeRecord(encodeRecord(record), 'x');
        // As a list and by `Object.is`, for which -0 is not 0.
        for (const [name, value] of record.metrics) assert.ok(Object.is(found.metrics.get(name), value), name);
        assert.is(found.metrics.size, record.metrics.size);
        assert.equal({ ...found, metrics: undefined }, { ...record, metrics: undefined });
      },
    ),
  );
});

test('holds the checksums of a million tensors', () => {
  const partCrc32c = Array.from({ length: 1_000_001 }, (_, n) => (n * 2654435761) >>> 0);
  const bytes = encodeRecord({ ...sample, files: [{ suffix: '.safetensors', sizeBytes: 7, partCrc32c }] });
  assert.equal(decodeRecord(bytes, 'x').files[0]?.partCrc32c, partCrc32c);
});

test('refuses every truncation but that of the last line break', () => {
  const bytes = encodeRecord(sample);
  for (let length = 0; length < bytes.length - 1; length++) refuses(bytes.subarray(0, length), /checkpoint record: /);
  assert.equal(decodeRecord(bytes.subarray(0, -1), 'x'), sample);
});

test('refuses every flipped bit, or reads the same', () => {
  const bytes = encodeRecord(sample);
  let refused = 0;
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const damaged = bytes.slice();
    damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    try {
      assert.equal(decodeRecord(damaged, 'x'), sample, `bit ${bit}`);
    } catch (error) {
      assert.instance(error, CorruptDataError, `bit ${bit}: ${error}`);
      refused++;
    }
  }
  assert.ok(refused >= bytes.length * 8 - 8, `${refused} of ${bytes.length * 8}`);
});

const fields = { version: 1, ...sample, metrics: {} };
for (const [title, bytes, fault] of [
  ['nothing', bytesOf(''), /not JSON/],
  ['bytes that are no text', Uint8Array.of(0xff, 0xfe, 0x7b), /not JSON/],
  ['a byte order mark', bytesOf('\uFEFF{}'), /not JSON/],
  ['a list', bytesOf('[]'), /no checksum/],
  ['null', bytesOf('null'), /no checksum/],
  ['a list with a checksum', sealed([]), /not JSON|not an object/],
  ['fields behind the checksum', bytesOf('{"version":1,"crc32c":1,"globalStep":3}'), /no checksum at its end/],
  ['a wrong checksum', bytesOf('{"version":1,"crc32c":1}'), /checksum mismatch/],
  ['another version', sealed({ ...fields, version: 2 }), /version 2 is not 1/],
  ['no step', sealed({ ...fields, globalStep: undefined }), /globalStep is not a number/],
  ['a negative step', sealed({ ...fields, globalStep: -1 }), /globalStep is not a whole number/],
  ['a broken step', sealed({ ...fields, globalStep: 1.5 }), /globalStep is not a whole number/],
  ['a huge step', sealed({ ...fields, globalStep: 2 ** 53 }), /globalStep is not a whole number/],
  ['a text as a step', sealed({ ...fields, globalStep: '7' }), /globalStep is not a number/],
  ['metrics that are a list', sealed({ ...fields, metrics: [1] }), /metrics is not an object/],
  ['a metric that is a text', sealed({ ...fields, metrics: { loss: 'low' } }), /a metric is not a number/],
  ['a metric that is nothing', sealed({ ...fields, metrics: { loss: null } }), /a metric is not a number/],
  ['files that are no list', sealed({ ...fields, files: {} }), /files is not a list/],
  ['a file that is none', sealed({ ...fields, files: [null] }), /not an object/],
  ['a file without a size', sealed({ ...fields, files: [{ suffix: '.index' }] }), /sizeBytes is not a number/],
  ['a parent that is a number', sealed({ ...fields, parent: 3 }), /parent is not a text/],
  ...['AAAA', 'AAAAA', 'AAAAAA', 'AAAAAB==', 'AAAA AA==', '*'].map(
    (partCrc32c) =>
      [
        `"${partCrc32c}" as checksums`,
        sealed({ ...fields, files: [{ suffix: '.safetensors', sizeBytes: 7, partCrc32c }] }),
        /partCrc32c is not a list of checksums/,
      ] as const,
  ),
  ['what is huge', new Uint8Array((8 << 20) + 1).fill(0x20), /over 8388608 bytes/],
  ['deep nesting', bytesOf('['.repeat(500_000)), /not JSON/],
] as const) {
  test(`refuses ${title}`, () => refuses(bytes, fault));
}

test('a key of an object of JavaScript means nothing', () => {
  const text = JSON.stringify(fields).replace('"metrics":{}', '"metrics":{"__proto__":3},"__proto__":{"version":2}');
  const body = text.slice(0, -1);
  const record = decodeRecord(bytesOf(`${body},"crc32c":${crc32c(bytesOf(body))}}`), 'x');
  assert.equal([...record.metrics], [['__proto__', 3]]);
});

test('writes nothing that it would not read', () => {
  const metrics = new Map(Array.from({ length: 300_000 }, (_, n) => [`a metric with a long name, number ${n}`, n]));
  assert.throws(
    () => encodeRecord({ ...sample, metrics }),
    /expected at most 8388608 bytes, received \d+ with 300000 met/,
  );
});

test.run();
