// The 49 broken and unusual event files of the list in docs/formats/event-file.md, each built here byte by byte: what
// the reader ought to do with it, and what it then shows.

import { gzipSync } from 'node:zlib';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { TruncatedDataError } from '../../../lib/error/truncated-data-error.js';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { crc32c, maskedCrc32c } from '../../../lib/format/crc32c.js';
import { readRun } from '../../../lib/format/event/view/read-run.js';
import { ProtoWriter } from '../../../lib/format/protobuf/proto-writer.js';
import { encodeRecord } from '../../../lib/format/tfrecord.js';
import { numbersOf } from '../../format/event/fixture.js';

const test = suite('event files');
const NAME = 'events.out.tfevents.1700000000.host';

const version = event(0, (w) => w.string(3, 'brain.Event:2'));
const [loss0, loss1, loss2, loss3] = [0, 1, 2, 3].map((step) => simple('loss', (step + 1) / 2, step)) as [
  Uint8Array,
  Uint8Array,
  Uint8Array,
  Uint8Array,
];
const ok = file(version, loss0, loss1, loss2, loss3);
const THIRD = 16 * 2 + version.length + loss0.length;
const SCALARS = { loss: [[0.5], [1], [1.5], [2]] };

accepts('ok', ok, SCALARS);
accepts('file_empty', new Uint8Array(0), {});
accepts('only_version', file(version), {});
accepts('no_version', file(loss0, loss1, loss2, loss3), SCALARS);
accepts(
  'version_1',
  file(
    event(0, (w) => w.string(3, 'brain.Event:1')),
    loss0,
    loss1,
  ),
  { loss: [[0.5], [1]] },
);
accepts(
  'version_odd',
  file(
    event(0, (w) => w.string(3, 'odd')),
    loss0,
    loss1,
  ),
  { loss: [[0.5], [1]] },
);
cut('header_5_bytes', THIRD + 5);
cut('header_10_bytes', THIRD + 10);
rejects('length_crc_flip', flip(ok, THIRD + 9), /length checksum mismatch.*byte 80/);
rejects('length_flip', flip(ok, THIRD), /length checksum mismatch/);
rejects('length_huge', withLength(2n ** 60n), /length 1152921504606846976 is over the limit/);
rejects('length_max', withLength(2n ** 64n - 1n), /length 18446744073709551615 is over the limit/);
cut('data_cut', THIRD + 12 + 5);
cut('data_crc_cut', THIRD + 12 + loss1.length + 2);
rejects('data_flip', flip(ok, THIRD + 15), /data checksum mismatch/);
rejects('data_crc_flip', flip(ok, THIRD + 12 + loss1.length), /data checksum mismatch/);
rejects('crc_unmasked', framed(version, crc32c, true), /length checksum mismatch.*byte 0/);
rejects('crc_big_endian', framed(version, maskedCrc32c, false), /length checksum mismatch.*byte 0/);
rejects('first_record_flip', flip(ok, 14), /data checksum mismatch.*byte 0/);
rejects('zeros_after', join(ok, new Uint8Array(64)), new RegExp(`length checksum mismatch.*byte ${ok.length}`));
rejects('text_file', Buffer.from('This is a text file.\nIt is no event file at all.\n'), /length checksum mismatch/);
rejects('gzip', new Uint8Array(gzipSync(ok)), /length checksum mismatch/, /gzip/);
accepts('record_empty', file(version, new Uint8Array(0), loss0), { loss: [[0.5]] });
rejects('proto_garbage', file(version, loss0, new Uint8Array(20).fill(0xff)), /event: .*byte 80/);
rejects('proto_cut_inside', file(version, loss0, loss1.slice(0, -3)), /runs past the end.*byte 80/);
rejects(
  'tag_bad_utf8',
  file(
    version,
    value(1, (w) => {
      w.byteString(1, Uint8Array.of(0x6c, 0xff, 0xfe));
      w.float(2, 1);
    }),
  ),
  /not UTF-8/,
);
accepts(
  'unknown_fields',
  file(
    version,
    value(
      1,
      (w) => {
        w.string(1, 'loss');
        w.float(2, 2);
        w.int64(77, 5);
        w.string(78, 'what');
      },
      (w) => w.fixed64(99, 1),
    ),
  ),
  { loss: [[2]] },
);
accepts(
  'oneof_twice',
  file(
    version,
    event(1, (w) => {
      w.byteString(4, Uint8Array.of(0xff, 0xff));
      w.byteString(
        5,
        summaryOf((v) => {
          v.string(1, 'loss');
          v.float(2, 1);
        }),
      );
    }),
  ),
  { loss: [[1]] },
);
accepts('step_negative', file(version, simple('loss', 1, -5)), { loss: [[1]] }, -5);
accepts('step_max', file(version, simple('loss', 1, 2n ** 63n - 1n)), { loss: [[1]] }, 2n ** 63n - 1n);
accepts('wall_time_nan', file(version, simple('loss', 1, 1, Number.NaN)), { loss: [[1]] });
accepts('tag_empty', file(version, simple('', 1, 1)), { '': [[1]] });
accepts(
  'value_absent',
  file(
    version,
    value(1, (w) => w.string(1, 'loss')),
  ),
  {},
);
accepts(
  'scalar_shape_1',
  plugin('scalars', 1, [1], (w) => w.float(5, 1)),
  { tag: [[1]] },
);
accepts(
  'scalar_f64',
  plugin('scalars', 2, [], (w) => w.double(6, 1.1)),
  { tag: [[1.1]] },
);
rejects(
  'scalar_string',
  plugin('scalars', 7, [], (w) => w.string(8, 'x')),
  /scalars of string\[\], expected one number.*tag "tag"/,
);
rejects(
  'scalar_vector_3',
  plugin('scalars', 1, [3], (w) => w.packedFloats(5, [1, 2, 3])),
  /scalars of float32\[3\]/,
);
rejects(
  'tensor_short_content',
  plugin('', 1, [2], (w) => w.byteString(4, new Uint8Array(7))),
  /needs 8 bytes, tensor_content has 7.*tag "tag"/,
);
rejects(
  'tensor_dtype_0',
  plugin('', 0, [2], (w) => w.byteString(4, new Uint8Array(8))),
  /dtype 0/,
);
rejects(
  'tensor_dtype_99',
  plugin('', 99, [2], (w) => w.byteString(4, new Uint8Array(8))),
  /dtype 99/,
);
accepts(
  'tensor_splat',
  plugin('', 1, [4], (w) => w.float(5, 2)),
  { tag: [[2, 2, 2, 2]] },
);
rejects(
  'histo_uneven',
  file(
    version,
    value(1, (w) => {
      w.string(1, 'h');
      const start = w.begin(5);
      w.packedDoubles(6, [0, 1, 2]);
      w.packedDoubles(7, [1, 1]);
      w.end(start);
    }),
  ),
  /histogram of 3 limits and 2 counts.*tag "h"/,
);
rejects(
  'histo_shape_2',
  plugin('histograms', 1, [4, 2], (w) => w.packedFloats(5, [0, 1, 2, 3, 4, 5, 6, 7])),
  /histograms of float32\[4, 2\]/,
);
rejects(
  'image_short',
  plugin('images', 7, [2], (w) => {
    w.string(8, '4');
    w.string(8, '4');
  }),
  /images of string\[2\]/,
);
rejects(
  'plugin_content_garbage',
  plugin('scalars', 1, [], (w) => w.float(5, 1), Uint8Array.of(0xff, 0xff, 0xff)),
  /data of plugin scalars/,
);
accepts(
  'metadata_later',
  file(
    version,
    ...[1, 2].map((step) =>
      value(step, (w) => {
        w.string(1, 'loss');
        putTensor(w, 1, [], (t) => t.float(5, step));
        if (step === 1) putMetadata(w, 'scalars');
      }),
    ),
  ),
  { loss: [[1], [2]] },
);
accepts(
  'metadata_never',
  file(
    version,
    value(1, (w) => {
      w.string(1, 'loss');
      putTensor(w, 1, [], (t) => t.float(5, 1));
    }),
  ),
  { loss: [[1]] },
);
rejects(
  'graph_garbage',
  file(
    version,
    event(1, (w) => w.byteString(4, Uint8Array.of(0xff, 0xff, 0xff))),
  ),
  /event: .*byte 40/,
);
// A name without `tfevents` is for whoever lists the folder; the bytes are sound.
accepts('name_other', ok, SCALARS);

// Beyond the list: claims that would cost memory or time.
rejects(
  'splat_of_2^40',
  plugin('', 1, [2 ** 40], (w) => w.float(5, 2)),
  /filled from fewer elements/,
);
rejects(
  'splat_of_2^40_strings',
  plugin('', 7, [2 ** 40], (w) => w.string(8, 'x')),
  /filled from fewer elements/,
);
rejects(
  'shape_negative',
  plugin('', 1, [-1], (w) => w.float(5, 2)),
  /shape \[-1\]/,
);
rejects(
  'shape_overflow',
  plugin('', 1, [2 ** 30, 2 ** 30], (w) => w.float(5, 2)),
  /tensor of shape/,
);
rejects(
  'too_many_elements',
  plugin('', 1, [1], (w) => w.packedFloats(5, [1, 2])),
  /has 2 elements/,
);
rejects(
  'elements_of_another_type',
  plugin('', 1, [1], (w) => w.int64(10, 3)),
  /elements in field 10/,
);
rejects(
  'value_out_of_range',
  plugin('', 4, [1], (w) => w.int64(7, 300)),
  /holds 300/,
);
rejects(
  'variant',
  plugin('', 21, [], () => {}),
  /dtype variant/,
);
rejects(
  'strings_as_bytes',
  plugin('', 7, [1], (w) => w.byteString(4, Uint8Array.of(1))),
  /tensor_content/,
);
rejects('group', file(version, Uint8Array.of(0x2b, 0x2c)), /group/);

test('every cut of a sound file is either a whole file or a cut tail', () => {
  for (let length = 0; length <= ok.length; length++) {
    const source = bytesSource(NAME, ok.slice(0, length));
    assert.not.throws(() => readRun([source]));
    try {
      readRun([source], { tail: 'refuse' });
    } catch (error) {
      assert.instance(error, TruncatedDataError);
    }
  }
});

test('every flipped bit is found', () => {
  for (let bit = 0; bit < ok.length * 8; bit++) {
    const broken = ok.slice();
    broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7));
    assert.throws(
      () => readRun([bytesSource(NAME, broken)]),
      (error: unknown) => error instanceof CorruptDataError,
    );
  }
});

function accepts(name: string, bytes: Uint8Array, shown: Record<string, number[][]>, step?: number | bigint): void {
  test(`accepts ${name}`, () => {
    const { series } = readRun([bytesSource(NAME, bytes)], { tail: 'refuse' });
    const entries = [...series].map(([tag, { points }]) => [tag, points.map(({ tensor }) => numbersOf(tensor))]);
    assert.equal(Object.fromEntries(entries), shown);
    if (step !== undefined) assert.is(series.get('loss')?.points[0]?.step, step);
  });
}

function rejects(name: string, bytes: Uint8Array, message: RegExp, hint?: RegExp): void {
  test(`rejects ${name}`, () => {
    let thrown: unknown;
    try {
      readRun([bytesSource(NAME, bytes)]);
    } catch (error) {
      thrown = error;
    }
    const error = thrown as CorruptDataError;
    assert.ok(error?.code === 'CORRUPT_DATA' || error?.code === 'UNSUPPORTED_DATA', String(thrown));
    assert.match(error.message, message);
    assert.match(error.message, NAME);
    if (hint !== undefined) assert.match(error.hint ?? '', hint);
  });
}

/** A file that ends inside its third record: no error while it may grow, one afterwards. */
function cut(name: string, length: number): void {
  test(`tells ${name} from corruption`, () => {
    const source = bytesSource(NAME, ok.slice(0, length));
    const { series } = readRun([source], { tail: 'await' });
    assert.equal(series.get('loss')?.points.length, 1);
    assert.throws(
      () => readRun([source], { tail: 'refuse' }),
      (error: unknown) => error instanceof TruncatedDataError && error.message.includes(`${NAME}, byte ${THIRD}`),
    );
  });
}

function file(...events: Uint8Array[]): Uint8Array {
  return join(...events.map(encodeRecord));
}

function join(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[at] = (flipped[at] as number) ^ 0x40;
  return flipped;
}

/** Two good records, and then a length with a right checksum. */
function withLength(length: bigint): Uint8Array {
  const header = new Uint8Array(40);
  const view = new DataView(header.buffer);
  view.setBigUint64(0, length, true);
  view.setUint32(8, maskedCrc32c(header.subarray(0, 8)), true);
  return join(file(version, loss0), header);
}

function framed(data: Uint8Array, crc: (bytes: Uint8Array) => number, isLittleEndian: boolean): Uint8Array {
  const record = new Uint8Array(data.length + 16);
  const view = new DataView(record.buffer);
  view.setBigUint64(0, BigInt(data.length), isLittleEndian);
  view.setUint32(8, crc(record.subarray(0, 8)), isLittleEndian);
  record.set(data, 12);
  view.setUint32(12 + data.length, crc(data), isLittleEndian);
  return record;
}

function event(step: number | bigint, put: (writer: ProtoWriter) => void, wallTime = 1_700_000_000): Uint8Array {
  const writer = new ProtoWriter();
  writer.double(1, wallTime);
  if (step !== 0) writer.int64(2, step);
  put(writer);
  return writer.copy();
}

function summaryOf(put: (writer: ProtoWriter) => void): Uint8Array {
  const writer = new ProtoWriter();
  const start = writer.begin(1);
  put(writer);
  writer.end(start);
  return writer.copy();
}

function value(
  step: number | bigint,
  put: (writer: ProtoWriter) => void,
  more: (writer: ProtoWriter) => void = () => {},
  wallTime?: number,
): Uint8Array {
  return event(
    step,
    (writer) => {
      writer.byteString(5, summaryOf(put));
      more(writer);
    },
    wallTime,
  );
}

function simple(tag: string, number: number, step: number | bigint, wallTime?: number): Uint8Array {
  const put = (writer: ProtoWriter): void => {
    if (tag !== '') writer.string(1, tag);
    writer.float(2, number);
  };
  return value(step, put, undefined, wallTime);
}

/** A file with one tensor under the tag `tag`; without a plugin, without metadata. */
function plugin(
  name: string,
  dtype: number,
  shape: readonly number[],
  put: (writer: ProtoWriter) => void,
  content?: Uint8Array,
): Uint8Array {
  return file(
    version,
    value(1, (writer) => {
      writer.string(1, 'tag');
      putTensor(writer, dtype, shape, put);
      if (name !== '') putMetadata(writer, name, content);
    }),
  );
}

function putTensor(
  writer: ProtoWriter,
  dtype: number,
  shape: readonly number[],
  put: (writer: ProtoWriter) => void,
): void {
  const tensor = writer.begin(8);
  writer.int64(1, dtype);
  const start = writer.begin(2);
  for (const size of shape) {
    const dim = writer.begin(2);
    writer.int64(1, size);
    writer.end(dim);
  }
  writer.end(start);
  put(writer);
  writer.end(tensor);
}

function putMetadata(writer: ProtoWriter, name: string, content?: Uint8Array): void {
  const metadata = writer.begin(9);
  const start = writer.begin(1);
  writer.string(1, name);
  if (content !== undefined) writer.byteString(2, content);
  writer.end(start);
  writer.end(metadata);
}

test.run();
