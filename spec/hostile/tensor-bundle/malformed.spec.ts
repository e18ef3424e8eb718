// The cases that TensorFlow was asked about, and what a careful reader does: most of them are damage to three sound
// tensors, f, i and s.

import snappy from 'snappyjs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { CodedError } from '../../../lib/error/coded-error.js';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { TruncatedDataError } from '../../../lib/error/truncated-data-error.js';
import { UnsupportedDataError } from '../../../lib/error/unsupported-data-error.js';
import type { BundleReader } from '../../../lib/format/tensor-bundle/bundle-reader.js';
import { openBundle } from '../../../lib/format/tensor-bundle/open-bundle.js';
import {
  type BlockOptions,
  type Bytes,
  block,
  bytes,
  entry,
  guardedSource,
  HEADER,
  int,
  masked,
  message,
  type RawEntry,
  type Row,
  sliceKey,
  type TableOptions,
  table,
  varint,
  word,
} from './raw-bundle.js';

const test = suite('malformed bundles');

const DATA_NAME = '.data-00000-of-00001';
const F = bytes(new Uint8Array(Float32Array.of(1, 2, 3, 4, 5, 6).buffer));
const I = bytes(new Uint8Array(BigInt64Array.of(42n).buffer));
const S = Buffer.from('0100033fdb2b7361626364', 'hex');
const DATA = bytes(F, I, S);
const SOUND = {
  f: { dtype: 1, shape: [2, 3], size: 24, crc: masked(F) },
  i: { dtype: 9, shape: [], offset: 24, size: 8, crc: masked(I) },
  s: { dtype: 7, shape: [3], offset: 32, size: 11, crc: 0x254ac41e },
} satisfies Record<string, RawEntry>;

interface Files {
  readonly index: Bytes;
  readonly data?: ReadonlyMap<string, Bytes>;
}

interface Changes {
  readonly header?: Bytes | undefined;
  /** What is different in the entry of this name; raw bytes replace it. */
  readonly f?: RawEntry | Bytes;
  readonly i?: RawEntry;
  readonly s?: RawEntry;
  readonly data?: Bytes;
  readonly dataName?: string;
  readonly rows?: (rows: Row[]) => Row[];
  readonly block?: BlockOptions;
  readonly contents?: (contents: Buffer) => Bytes;
  readonly table?: TableOptions;
  readonly file?: (index: Buffer) => Buffer;
}

function soundRows({ header = HEADER, f, i, s }: Changes): Row[] {
  return [
    ['', header],
    ['f', f instanceof Uint8Array ? f : entry({ ...SOUND.f, ...f })],
    ['i', entry({ ...SOUND.i, ...i })],
    ['s', entry({ ...SOUND.s, ...s })],
  ];
}

function damaged(changes: Changes = {}): Files {
  const rows = (changes.rows ?? ((all) => all))(soundRows(changes));
  const contents = (changes.contents ?? ((all) => all))(block(rows, changes.block));
  const index = table([[contents, 't']], changes.table);
  return {
    index: (changes.file ?? ((all) => all))(index),
    data: new Map([[changes.dataName ?? DATA_NAME, changes.data ?? DATA]]),
  };
}

type ErrorClass = new (format: string, where: string, fault: string) => CodedError;
type Fault = readonly [ErrorClass, RegExp];

interface Case {
  readonly name: string;
  readonly files: () => Files;
  /** Why it does not open. */
  readonly open?: Fault;
  /** Which tensors cannot be read; all the others have their values. */
  readonly faults?: Readonly<Record<string, Fault>>;
  readonly warns?: RegExp;
  /** In place of f, i and s. */
  readonly values?: Readonly<Record<string, unknown>>;
}

const SOUND_VALUES: Readonly<Record<string, unknown>> = {
  f: [1, 2, 3, 4, 5, 6],
  i: [42n],
  s: ['a', '', 'bcd'],
};

/** f in two slices, p. */
function sliced(p: RawEntry, parts: readonly (readonly [Row[0], RawEntry])[], data: Bytes): Files {
  const rows: Row[] = [['', HEADER], ...parts.map(([key, part]): Row => [key, entry(part)]), ['p', entry(p)]];
  const [header, ...rest] = rows;
  const sorted = rest.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return {
    index: table([[block([header as Row, ...sorted]), 'q']]),
    data: new Map([[DATA_NAME, data]]),
  };
}

const P = bytes(new Uint8Array(Float32Array.of(0, 1, 2, 3).buffer));
const half = (at: number, size = 8): RawEntry => ({
  dtype: 1,
  shape: [size / 4],
  offset: at,
  size,
  crc: masked(P.subarray(at, at + size)),
});
const whole: RawEntry = { dtype: 1, shape: [4], slices: [[[0, 2]], [[2, 2]]] };
const first = [sliceKey('p', [[0, 2]]), half(0)] as const;
const second = [sliceKey('p', [[2, 2]]), half(8)] as const;

const C = CorruptDataError;
const T = TruncatedDataError;
const U = UnsupportedDataError;
const flip = (at: number) => (file: Buffer) => {
  const copy = Buffer.from(file);
  const place = at < 0 ? copy.length + at : at;
  copy[place] = (copy[place] as number) ^ 4;
  return copy;
};

/** The same size and checksum for other bytes. */
const stringBytes = (lengths: Bytes, strings: string): { s: RawEntry; data: Bytes } => {
  const data = bytes(lengths, Buffer.from(strings));
  return { s: { size: data.length, crc: 1 }, data: bytes(F, I, data) };
};

const cases: Case[] = [
  { name: 'ok', files: () => damaged() },
  {
    name: 'ok_snappy',
    files: () => damaged({ contents: (contents) => snappy.compress(new Uint8Array(contents)), table: { type: 1 } }),
  },
  {
    name: 'ok_two_blocks',
    files: () => ({
      index: table(soundRows({}).map((row): [Bytes, Bytes | string] => [block([row]), row[0]])),
      data: new Map([[DATA_NAME, DATA]]),
    }),
  },
  { name: 'ok_restart_every_entry', files: () => damaged({ block: { restartEvery: 1 } }) },
  {
    name: 'ok_unknown_fields',
    files: () => damaged({ header: bytes(HEADER, int(99, 5)), f: { extra: message(77, bytes('hello')) } }),
    warns: /f: unknown fields/,
  },
  {
    name: 'ok_extra_data',
    files: () => damaged({ data: bytes(DATA, Buffer.alloc(100)) }),
    warns: /shard 0: 100 bytes after the last tensor/,
  },
  {
    name: 'ok_gap_between',
    files: () => damaged({ data: bytes(F, Buffer.alloc(8), I, S), i: { offset: 32 }, s: { offset: 40 } }),
    warns: /shard 0: 8 unused bytes before "i"/,
  },
  {
    name: 'ok_not_in_key_order',
    files: () => damaged({ data: bytes(S, I, F), f: { offset: 19 }, i: { offset: 11 }, s: { offset: 0 } }),
  },
  {
    name: 'ok_shared_bytes',
    files: () => damaged({ rows: ([a, b, c, d]) => [a, b, ['g', (b as Row)[1]], c, d] as Row[] }),
    values: { ...SOUND_VALUES, g: [1, 2, 3, 4, 5, 6] },
    warns: /shard 0: "g" overlaps the tensor before it/,
  },
  { name: 'ok_big_endian', files: () => damaged({ header: bytes(int(1, 1), int(2, 1)) }), open: [U, /big-endian/] },
  { name: 'ok_producer_absent', files: () => damaged({ header: int(1, 1) }) },
  {
    name: 'ok_non_utf8_key',
    files: () =>
      damaged({ rows: ([a, b, c, d]) => [a, b, c, [Buffer.from('6efffe', 'hex'), (b as Row)[1]], d] as Row[] }),
    values: { ...SOUND_VALUES, 'n\udcff\udcfe': [1, 2, 3, 4, 5, 6] },
  },
  {
    name: 'bool_two',
    files: () =>
      damaged({
        f: { dtype: 10, shape: [4], size: 4, crc: masked(Buffer.from([2, 1, 1, 1])) },
        data: bytes([2, 1, 1, 1], DATA.subarray(4)),
      }),
    values: { ...SOUND_VALUES, f: [2, 1, 1, 1] },
  },
  // index_missing is the store's: without an index there is nothing to open.
  { name: 'index_empty', files: () => damaged({ file: () => Buffer.alloc(0) }), open: [T, /too short/] },
  { name: 'index_short', files: () => damaged({ file: (file) => file.subarray(0, 47) }), open: [T, /too short/] },
  { name: 'index_bad_magic', files: () => damaged({ file: flip(-1) }), open: [C, /bad magic number/] },
  { name: 'index_cut_last_byte', files: () => damaged({ file: (file) => file.subarray(0, -1) }), open: [C, /magic/] },
  { name: 'index_trailing_byte', files: () => damaged({ file: (file) => bytes(file, [0]) }), open: [C, /magic/] },
  {
    name: 'index_cut_head',
    files: () => damaged({ file: (file) => file.subarray(10) }),
    open: [C, /past the end|block/],
  },
  { name: 'index_data_block_flip', files: () => damaged({ file: flip(20) }), open: [C, /block checksum mismatch/] },
  { name: 'index_index_block_flip', files: () => damaged({ file: flip(-60) }), open: [C, /block checksum mismatch/] },
  { name: 'index_block_type_2', files: () => damaged({ table: { type: 2 } }), open: [U, /block type 2/] },
  { name: 'index_snappy_broken', files: () => damaged({ table: { type: 1 } }), open: [C, /compressed block|varint/] },
  {
    name: 'index_restart_count_huge',
    files: () => damaged({ block: { restartCount: 0x7fffffff } }),
    open: [C, /restart points/],
  },
  {
    name: 'index_restart_count_zero',
    files: () => damaged({ block: { restarts: [], restartCount: 0 } }),
    open: [C, /0 restart points/],
  },
  {
    name: 'index_restart_offset_far',
    files: () => damaged({ block: { restarts: [60000] } }),
    open: [C, /restart point/],
  },
  {
    name: 'index_shared_too_long',
    files: () => damaged({ block: { lie: (i) => (i === 2 ? { shared: 9 } : undefined) } }),
    open: [C, /shares more/],
  },
  {
    name: 'index_value_past_end',
    files: () => damaged({ block: { lie: (i) => (i === 3 ? { valueLength: 900 } : undefined) } }),
    open: [C, /runs past the block/],
  },
  {
    name: 'index_keys_unsorted',
    files: () => damaged({ rows: ([a, b, c, d]) => [a, c, b, d] as Row[] }),
    open: [C, /out of order/],
  },
  {
    name: 'index_key_twice',
    files: () => damaged({ rows: ([a, b, c, d]) => [a, b, b, c, d] as Row[] }),
    open: [C, /out of order/],
  },
  {
    name: 'index_handle_outside',
    files: () => damaged({ table: { footerHandles: (meta) => bytes(meta, varint(5000), varint(10)) } }),
    open: [C, /past the end/],
  },
  {
    name: 'index_handle_huge',
    files: () => damaged({ table: { footerHandles: (meta) => bytes(meta, varint(0), varint(2n ** 62n)) } }),
    open: [C, /2\^53/],
  },
  {
    name: 'index_handle_huge, within 2^53',
    files: () => damaged({ table: { footerHandles: (meta) => bytes(meta, varint(0), varint(2n ** 52n)) } }),
    open: [C, /past the end/],
  },
  {
    name: 'index_handle_bad_varint',
    files: () => damaged({ table: { footerHandles: () => Buffer.alloc(40, 0xff) } }),
    open: [C, /varint too long/],
  },
  {
    name: 'index_block_handle_bad',
    files: () => damaged({ table: { handle: () => Buffer.from([0xff]) } }),
    open: [C, /varint/],
  },
  { name: 'index_no_blocks', files: () => ({ index: table([]) }), open: [C, /header is missing/] },
  {
    name: 'header_missing',
    files: () => damaged({ rows: ([, b, c, d]) => [b, c, d] as Row[] }),
    open: [C, /header is missing/],
  },
  { name: 'header_garbage', files: () => damaged({ header: Buffer.from('fffefdfc', 'hex') }), open: [C, /header/] },
  { name: 'header_empty', files: () => damaged({ header: bytes() }), open: [C, /num_shards is 0/] },
  { name: 'header_shards_negative', files: () => damaged({ header: int(1, -1) }), open: [C, /num_shards is -1/] },
  {
    name: 'header_shards_two',
    files: () => damaged({ header: int(1, 2) }),
    faults: Object.fromEntries(['f', 'i', 's'].map((name) => [name, [C, /data-00000-of-00002/]])),
  },
  {
    name: 'header_min_consumer_2',
    files: () => damaged({ header: bytes(int(1, 1), message(3, int(1, 2), int(2, 2))) }),
    open: [U, /version 2/],
  },
  {
    name: 'header_bad_consumer',
    files: () => damaged({ header: bytes(int(1, 1), message(3, int(1, 1), int(3, 1))) }),
    open: [U, /version 1/],
  },
  {
    name: 'header_bad_consumer, packed',
    files: () =>
      damaged({
        header: bytes(
          int(1, 1),
          message(
            3,
            int(1, 1),
            message(
              3,
              [4, 1].map((v) => varint(v)).reduce((a, b) => bytes(a, b)),
            ),
          ),
        ),
      }),
    open: [U, /version 1/],
  },
  {
    name: 'header_producer_negative',
    files: () => damaged({ header: bytes(int(1, 1), message(3, int(1, -1))) }),
    open: [C, /version is -1/],
  },
  { name: 'header_producer_99', files: () => damaged({ header: bytes(int(1, 1), message(3, int(1, 99))) }) },
  {
    name: 'header_endianness_7',
    files: () => damaged({ header: bytes(HEADER, int(2, 7)) }),
    open: [C, /endianness is 7/],
  },
  {
    name: 'header_big_little_data',
    files: () => damaged({ header: bytes(HEADER, int(2, 1)) }),
    open: [U, /big-endian/],
  },
  {
    name: 'entry_garbage',
    files: () => damaged({ f: Buffer.from('fffefdfc', 'hex') }),
    faults: { f: [C, /tensor "f"/] },
  },
  { name: 'entry_empty', files: () => damaged({ f: bytes() }), faults: { f: [C, /dtype number 0/] } },
  { name: 'entry_dtype_99', files: () => damaged({ f: { dtype: 99 } }), faults: { f: [U, /dtype number 99/] } },
  { name: 'entry_dtype_ref', files: () => damaged({ f: { dtype: 101 } }), faults: { f: [C, /dtype number 101/] } },
  { name: 'entry_dtype_resource', files: () => damaged({ f: { dtype: 20 } }), faults: { f: [U, /resource/] } },
  {
    name: 'entry_dim_negative',
    files: () => damaged({ f: { shape: [-2, 3] } }),
    faults: { f: [C, /not fully known/] },
  },
  {
    name: 'entry_dim_minus_one',
    files: () => damaged({ f: { shape: [-1, 3] } }),
    faults: { f: [C, /not fully known/] },
  },
  {
    name: 'entry_unknown_rank',
    files: () => damaged({ f: bytes(int(1, 1), message(2, int(3, 1)), int(5, 24), word(6, masked(F))) }),
    faults: { f: [C, /not fully known/] },
  },
  {
    name: 'entry_shape_overflow',
    files: () => damaged({ f: { shape: [2 ** 40, 2 ** 40] } }),
    faults: { f: [C, /too many elements/] },
  },
  {
    name: 'entry_shape_huge',
    files: () => damaged({ f: { shape: [2 ** 40] } }),
    faults: { f: [C, /expected 4398046511104/] },
  },
  {
    name: 'entry_shape_huge, with the size it needs',
    files: () => damaged({ f: { shape: [2 ** 40], size: 2 ** 42 } }),
    faults: { f: [T, /lie outside/] },
  },
  {
    name: 'entry_shape_overflow_zero',
    files: () => damaged({ f: { shape: [2 ** 40, 2 ** 40, 0] } }),
    faults: { f: [C, /too many elements/] },
  },
  { name: 'entry_dim_2_63', files: () => damaged({ f: { shape: [2n ** 63n - 1n] } }), faults: { f: [C, /2\^53/] } },
  {
    name: 'entry_rank_300',
    files: () => damaged({ f: { shape: new Array<number>(300).fill(1), size: 4, crc: masked(F.subarray(0, 4)) } }),
    faults: { f: [C, /rank 300/] },
  },
  { name: 'entry_size_small', files: () => damaged({ f: { size: 23 } }), faults: { f: [C, /size 23, expected 24/] } },
  { name: 'entry_size_large', files: () => damaged({ f: { size: 25 } }), faults: { f: [C, /size 25, expected 24/] } },
  { name: 'entry_size_negative', files: () => damaged({ f: { size: -1 } }), faults: { f: [C, /lie outside/] } },
  { name: 'entry_size_2_63', files: () => damaged({ f: { size: 2n ** 63n - 1n } }), faults: { f: [C, /2\^53/] } },
  {
    name: 'entry_offset_past_end',
    files: () => damaged({ f: { offset: 1000 } }),
    faults: { f: [T, /\[1000, 1024\) lie outside/] },
  },
  {
    name: 'entry_offset_runs_over',
    files: () => damaged({ f: { offset: 30 } }),
    faults: { f: [T, /\[30, 54\) lie outside/] },
  },
  {
    name: 'entry_offset_negative',
    files: () => damaged({ f: { offset: -8 } }),
    faults: { f: [C, /\[-8, 16\) lie outside/] },
  },
  { name: 'entry_shard_5', files: () => damaged({ f: { shard: 5 } }), faults: { f: [C, /shard_id 5 of 1/] } },
  { name: 'entry_shard_1', files: () => damaged({ f: { shard: 1 } }), faults: { f: [C, /shard_id 1 of 1/] } },
  { name: 'entry_shard_negative', files: () => damaged({ f: { shard: -1 } }), faults: { f: [C, /shard_id -1 of 1/] } },
  { name: 'entry_crc_wrong', files: () => damaged({ f: { crc: 0x12345678 } }), faults: { f: [C, /stored 12345678/] } },
  {
    name: 'entry_crc_unmasked',
    files: () => damaged({ f: { crc: 0x0cf0f0e7 } }),
    faults: { f: [C, /checksum mismatch/] },
  },
  { name: 'entry_crc_absent', files: () => damaged({ f: { crc: undefined } }), faults: { f: [C, /stored 00000000/] } },
  {
    name: 'data_missing',
    files: () => ({ index: damaged().index }),
    faults: Object.fromEntries(['f', 'i', 's'].map((name) => [name, [C, /missing/]])),
  },
  {
    name: 'data_wrong_name',
    files: () => damaged({ dataName: '.data-00000-of-00002' }),
    faults: Object.fromEntries(['f', 'i', 's'].map((name) => [name, [C, /missing/]])),
  },
  {
    name: 'data_empty',
    files: () => damaged({ data: bytes() }),
    faults: Object.fromEntries(['f', 'i', 's'].map((name) => [name, [T, /lie outside of the 0/]])),
  },
  { name: 'data_cut', files: () => damaged({ data: DATA.subarray(0, 27) }), faults: { i: [T, /27/], s: [T, /27/] } },
  { name: 'data_flip', files: () => damaged({ data: flip(5)(DATA) }), faults: { f: [C, /checksum mismatch/] } },
  { name: 'string_length_flip', files: () => damaged({ data: flip(32)(DATA) }), faults: { s: [C, /lengths|end/] } },
  {
    name: 'string_length_flip, to a shorter one',
    files: () => damaged({ data: bytes(F, I, [0], S.subarray(1)) }),
    faults: { s: [C, /checksum mismatch of the string lengths/] },
  },
  {
    name: 'string_length_crc_flip',
    files: () => damaged({ data: flip(36)(DATA) }),
    faults: { s: [C, /checksum mismatch of the string lengths/] },
  },
  {
    name: 'string_bytes_flip',
    files: () => damaged({ data: flip(40)(DATA) }),
    faults: { s: [C, /checksum mismatch: stored/] },
  },
  {
    name: 'string_past_file',
    files: () => {
      const lengths = bytes([1, 0, 0, 0], [0, 0, 0, 0], new Uint8Array(Uint32Array.of(900).buffer));
      const crc = Buffer.alloc(4);
      crc.writeUInt32LE(masked(lengths));
      return damaged(stringBytes(bytes([1, 0], varint(900), crc), 'abcd'));
    },
    faults: { s: [C, /runs past the end/] },
  },
  {
    name: 'string_varint_unending',
    files: () => damaged(stringBytes(Buffer.alloc(11, 0xff), 'abcd')),
    faults: { s: [C, /varint too long/] },
  },
  {
    name: 'string_size_small',
    files: () => damaged({ s: { size: 2 } }),
    faults: { s: [C, /size 2 is too small for 3/] },
  },
  {
    name: 'string_size_large',
    files: () => damaged({ s: { size: 15 }, data: bytes(DATA, [1, 2, 3, 4]) }),
    faults: { s: [C, /4 bytes behind the last string/] },
  },
  {
    name: 'string_count_huge',
    files: () => damaged({ s: { shape: [2 ** 30] } }),
    faults: { s: [C, /too small for 1073741824/] },
  },
  {
    name: 'string_empty_file',
    files: () => damaged({ s: { size: 0 } }),
    faults: { s: [C, /size 0 is too small for 3/] },
  },
  {
    name: 'string_none, of size 0',
    files: () => damaged({ s: { shape: [0], size: 0, crc: 0xa282ead8 } }),
    values: { ...SOUND_VALUES, s: [] },
  },
  { name: 'ok_slices', files: () => sliced(whole, [first, second], P), values: { p: [0, 1, 2, 3] } },
  {
    name: 'slices with a shard_id that means nothing',
    files: () => sliced({ ...whole, shard: 7 }, [first, second], P),
    values: { p: [0, 1, 2, 3] },
  },
  {
    name: 'slice_entry_missing',
    files: () => sliced(whole, [first], P),
    values: {},
    faults: { p: [C, /2,2.*no entry|no entry.*2,2/] },
  },
  {
    name: 'slice_gap',
    files: () => sliced({ ...whole, slices: [[[0, 2]], [[2, 1]]] }, [first, [sliceKey('p', [[2, 1]]), half(8, 4)]], P),
    values: {},
    faults: { p: [C, /cover 3 of 4/] },
  },
  {
    name: 'slice_overlap',
    files: () => sliced({ ...whole, slices: [[[0, 2]], [[1, 3]]] }, [first, [sliceKey('p', [[1, 3]]), half(4, 12)]], P),
    values: {},
    faults: { p: [C, /slices 0,2 and 1,3 overlap/] },
  },
  {
    name: 'slice_outside',
    files: () =>
      sliced(
        { ...whole, slices: [[[0, 2]], [[2, 5]]] },
        [first, [sliceKey('p', [[2, 5]]), { ...half(8), shape: [5] }]],
        P,
      ),
    values: {},
    faults: { p: [C, /2,5 lies outside/] },
  },
  {
    name: 'slice_rank',
    files: () =>
      sliced(
        {
          ...whole,
          slices: [
            [
              [0, 2],
              [0, 1],
            ],
            [
              [2, 2],
              [0, 1],
            ],
          ],
        },
        [first, second],
        P,
      ),
    // The entries of slices that nothing refers to are listed as what they may be: tensors.
    values: { '\0p\0\u0001\u0001\u0001\udc80\udc82': [0, 1], '\0p\0\u0001\u0001\u0001\udc82\udc82': [2, 3] },
    faults: { p: [C, /rank 2 in a tensor of rank 1/] },
  },
  {
    name: 'slice_part_shape',
    files: () => sliced(whole, [first, [second[0], { ...half(8), shape: [3] }]], P),
    values: {},
    faults: { p: [C, /float32 \[3\], expected float32 \[2\]/] },
  },
  {
    name: 'slice_part_dtype',
    files: () => sliced(whole, [first, [second[0], { ...half(8), dtype: 3 }]], P),
    values: {},
    faults: { p: [C, /int32 \[2\], expected float32 \[2\]/] },
  },
  {
    name: 'slice_negative_start',
    files: () => sliced({ ...whole, slices: [[[0, 2]], [[-1, 2]]] }, [first, [sliceKey('p', [[-1, 2]]), half(8)]], P),
    values: {},
    faults: { p: [C, /-1,2 lies outside/] },
  },
  {
    name: 'slices that share their bytes',
    files: () => sliced(whole, [first, [second[0], half(0)]], P.subarray(0, 8)),
    values: {},
    faults: { p: [C, /share the 8 bytes/] },
  },
  {
    name: 'slice_checksum',
    files: () => sliced(whole, [first, [second[0], { ...half(8), crc: 5 }]], P),
    values: {},
    faults: { p: [C, /checksum mismatch.*slice 2,2/] },
  },
];

function valuesOf(bundle: BundleReader, name: string): unknown {
  const tensor = bundle.read(name);
  if (tensor.dtype === 'string') return tensor.values.map((value) => Buffer.from(value).toString());
  const { buffer } = tensor.bytes;
  if (tensor.dtype === 'float32') return Array.from(new Float32Array(buffer));
  if (tensor.dtype === 'int64') return Array.from(new BigInt64Array(buffer));
  return Array.from(tensor.bytes);
}

function check(error: unknown, [type, fault]: Fault): true {
  assert.ok(error instanceof type && (error.constructor === type || type !== C), `${error}`);
  assert.match(error.message, fault);
  return true;
}

for (const { name, files, open, faults = {}, warns, values = SOUND_VALUES } of cases) {
  test(name, () => {
    const { index, data } = files();
    const reopen = () =>
      openBundle(guardedSource('m.index', index), (suffix) => {
        const file = data?.get(suffix);
        return file && guardedSource(`m${suffix}`, file);
      });
    if (open !== undefined) {
      assert.throws(reopen, (error: unknown) => check(error, open));
      return;
    }

    const bundle = reopen();
    const names = [...bundle.entries()].map((listed) => listed.name);
    assert.equal(new Set(names), new Set([...Object.keys(values), ...Object.keys(faults)]));
    for (const listed of names) {
      const fault = faults[listed];
      if (fault !== undefined)
        assert.throws(
          () => bundle.read(listed),
          (error: unknown) => check(error, fault),
        );
      else assert.equal(valuesOf(bundle, listed), values[listed], listed);
    }
    for (const report of bundle.verify()) {
      const fault = faults[report.name];
      if (fault === undefined) assert.is(report.fault, undefined);
      else check(report.fault, fault);
    }
    if (warns !== undefined) assert.match(bundle.warnings.join('\n'), warns);
    else if (/^ok/.test(name) && name !== 'ok_non_utf8_key') assert.equal(bundle.warnings, []);
  });
}

test.run();
