import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { TruncatedDataError } from '../../../lib/error/truncated-data-error.js';
import { UnsupportedDataError } from '../../../lib/error/unsupported-data-error.js';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { openSafetensors } from '../../../lib/format/safetensors/open-safetensors.js';

const test = suite('openSafetensors, broken and unusual files');

const EIGHT = Uint8Array.of(0, 0, 128, 63, 0, 0, 0, 64);

/** A file of a header, given as text or bytes, and data; `length` is what the first 8 bytes say. */
function file(header: string | Uint8Array, data: Uint8Array | number = EIGHT, length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const body = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + text.length + body.length);
  new DataView(bytes.buffer).setBigUint64(0, length ?? BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(body, 8 + text.length);
  return bytes;
}

const A = '"dtype":"F32","shape":[2],"data_offsets":[0,8]';
const f32 = (begin: number, end: number): string =>
  `{"dtype":"F32","shape":[${(end - begin) / 4}],"data_offsets":[${begin},${end}]}`;
const withShape = (shape: string): string => `{"a":{"dtype":"F32","shape":${shape},"data_offsets":[0,8]}}`;
const withOffsets = (offsets: string): string => `{"a":{"dtype":"F32","shape":[2],"data_offsets":${offsets}}}`;

type Case = readonly [name: string, bytes: Uint8Array, expected: readonly string[] | RegExp];

// Where a reader may do either, ours is noted: it accepts what loses nothing, and refuses what the format text forbids.
const cases: readonly Case[] = [
  ['ok', file(`{"a":{${A}}}   `), ['a']],
  ['ok_no_pad', file(`{"a":{${A}}}`), ['a']],
  ['ok_spaces_inside', file(`{ "a" : { "dtype" : "F32" ,\n"shape":[ 2 ],\t"data_offsets":[0 , 8] } }`), ['a']],
  ['ok_field_order', file('{"a":{"data_offsets":[0,8],"shape":[2],"dtype":"F32"}}'), ['a']],
  ['ok_offsets_out_of_name_order', file(`{"z":${f32(4, 8)},"a":${f32(0, 4)}}`), ['a', 'z']],
  ['ok_newline_pad (either: accepted)', file(`{"a":{${A}}}\n\n\n`), ['a']],
  ['file_empty', new Uint8Array(0), /0 bytes are no header length/],
  ['file_7_bytes', new Uint8Array(7), /7 bytes are no header length/],
  ['header_past_end', file(`{"a":{${A}}}`, EIGHT, 1000n), /header ends at byte 1008/],
  ['header_100mb', file(`{"a":{${A}}}`, EIGHT, 100_000_001n), /header length 100000001 is over/],
  ['header_2_64', file(`{"a":{${A}}}`, EIGHT, 2n ** 64n - 1n), /header length 1844674407370955\d+ is over/],
  ['header_zero', file('', 0), /does not begin with "\{"/],
  ['header_not_utf8', file(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x7d), 0), /invalid UTF-8/],
  ['header_bom', file(`\ufeff{"a":{${A}}}`), /does not begin with "\{"/],
  ['header_leading_space (either: refused)', file(` {"a":{${A}}}`), /does not begin with "\{"/],
  ['header_array', file('[]', 0), /does not begin with "\{"/],
  ['header_cut', file('{"a":{"dtype":"F32","sha'), /string without its end/],
  ['header_trailing_text', file(`{"a":{${A}}}x`), /text after the value/],
  ['header_two_values', file(`{"a":{${A}}}{}`), /text after the value/],
  ['header_zero_pad', file(`{"a":{${A}}}\0\0`), /text after the value/],
  ['header_comment_comma', file(`{"a":{${A},}}`), /expected a string/],
  ['name_twice', file(`{"a":{${A}},"a":{${A}}}`), /duplicate key "a"/],
  ['name_twice_two_spans', file(`{"a":${f32(0, 4)},"a":${f32(4, 8)}}`), /duplicate key "a"/],
  ['field_twice', file(`{"a":{"dtype":"F32",${A}}}`), /duplicate key "dtype"/],
  ['metadata_twice', file(`{"__metadata__":{},"__metadata__":{},"a":{${A}}}`), /duplicate key "__metadata__"/],
  ['metadata_number', file(`{"__metadata__":{"k":1},"a":{${A}}}`), /expected a string/],
  ['metadata_nested', file(`{"__metadata__":{"k":{}},"a":{${A}}}`), /expected a string/],
  ['metadata_null (either: accepted)', file(`{"__metadata__":null,"a":{${A}}}`), ['a']],
  ['dtype_unknown', file(`{"a":{${A}}}`.replace('F32', 'F31')), /unknown dtype "F31"/],
  ['dtype_lower', file(`{"a":{${A}}}`.replace('F32', 'f32')), /unknown dtype "f32"/],
  ['dtype_missing', file('{"a":{"shape":[2],"data_offsets":[0,8]}}'), /no dtype/],
  ['shape_missing', file('{"a":{"dtype":"F32","data_offsets":[0,8]}}'), /no shape/],
  ['offsets_missing', file('{"a":{"dtype":"F32","shape":[2]}}'), /no data_offsets/],
  ['field_extra (either: accepted)', file(`{"a":{"extra":[1.5,{"x":null}],${A}}}`), ['a']],
  ['shape_negative', file(withShape('[-2]')), /expected a whole number/],
  ['shape_float', file(withShape('[2.0]')), /expected a whole number/],
  ['shape_string', file(withShape('["2"]')), /expected a whole number/],
  ['shape_overflow', file(withShape('[1099511627776,1099511627776]')), /too many elements/],
  [
    'shape_overflow_zero (either: refused, as the reference)',
    file('{"a":{"dtype":"F32","shape":[1099511627776,1099511627776,0],"data_offsets":[0,0]}}', 0),
    /too many elements/,
  ],
  ['shape_2_64', file(withShape('[18446744073709551616]')), /is over 2\^53/],
  ['size_mismatch', file(withShape('[3]')), /span 8 bytes, F32 \[3\] needs 12/],
  ['offsets_reversed', file(withOffsets('[8,0]')), /end before they begin/],
  ['offsets_three', file(withOffsets('[0,8,8]')), /holds 3 numbers/],
  ['offsets_negative', file(withOffsets('[-8,0]')), /expected a whole number/],
  ['offsets_float', file(withOffsets('[0.0,8.0]')), /expected a whole number/],
  ['offsets_gap', file(`{"a":${f32(0, 4)},"b":${f32(12, 16)}}`, 16), /8 unused bytes before it/],
  ['offsets_gap_at_start', file(`{"a":${f32(8, 16)}}`, 16), /8 unused bytes before it/],
  ['offsets_overlap', file(`{"a":${f32(0, 8)},"b":${f32(4, 12)}}`, 12), /overlaps the tensor before it .*"b"/],
  ['offsets_same_span', file(`{"a":{${A}},"b":{${A}}}`), /overlaps/],
  ['body_short', file(`{"a":{${A}}}`, 7), /it ends at byte/],
  ['body_long', file(`{"a":{${A}}}`, 9), /1 bytes after the last tensor/],
  ['body_for_nothing', file('{}', 4), /4 bytes after the last tensor/],
  ['f4_odd', file('{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}', 2), /do not fill whole bytes/],
  ['f4_even (either: listed)', file('{"a":{"dtype":"F4","shape":[4],"data_offsets":[0,2]}}', 2), ['a']],
  [
    'bool_two (either: accepted, the byte is kept)',
    file('{"a":{"dtype":"BOOL","shape":[1],"data_offsets":[0,1]}}', Uint8Array.of(2)),
    ['a'],
  ],
  ['name_empty (either: accepted)', file(`{"":{${A}}}`), ['']],
  [
    'unaligned_tensor (either: accepted)',
    file(
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}}',
      5,
    ),
    ['a', 'b'],
  ],
  ['escape_surrogate', file(`{"\\ud800":{${A}}}`), /lone surrogate/],
  ['number_huge', file(withOffsets(`[0,1${'0'.repeat(30)}]`)), /is over 2\^53/],
  ['deep_json', file(`{"a":{"x":${'['.repeat(5000)}${']'.repeat(5000)},${A}}}`), /nested deeper than 128/],

  // Beyond the list.
  ['numbers above 2^53 that round to a right size', file(withOffsets('[9007199254740993,9007199254741001]')), /2\^53/],
  ['size above 2^53 of allowed dimensions', file(withShape('[4503599627370496]')), /too many elements/],
  ['entry as an array', file('{"a":["F32",[2],[0,8]]}'), /expected an object/],
  ['name twice, once escaped', file(`{"a":{${A}},"\\u0061":{${A}}}`), /duplicate key "a"/],
  ['key twice in the metadata', file('{"__metadata__":{"k":"1","k":"2"}}', 0), /duplicate key "k"/],
  ['key twice in an unknown field', file(`{"a":{"x":{"k":1,"k":1},${A}}}`), /duplicate key "k"/],
  ['low surrogate before high', file(`{"\\udc00\\ud800":{${A}}}`), /lone surrogate/],
  ['leading zero', file(withShape('[02]')), /expected a whole number/],
  ['line break in a name', file(`{"a\n":{${A}}}`), /control character/],
  ['unknown escape', file(`{"\\x41":{${A}}}`), /unknown escape/],
  ['single quotes', file(`{'a':{${A}}}`), /expected a string/],
  ['NaN in an unknown field', file(`{"a":{"x":NaN,${A}}}`), /expected a value/],
  ['number out of range in an unknown field', file(`{"a":{"x":1e999,${A}}}`), /out of range/],
  [
    'zero before too many',
    file('{"a":{"dtype":"F32","shape":[0,1099511627776,1099511627776],"data_offsets":[0,0]}}', 0),
    ['a'],
  ],
  ['surrogate pair in a name', file(`{"\\ud83d\\ude00":{${A}}}`), ['😀']],
  ['names of an object', file(`{"__proto__":${f32(0, 4)},"constructor":${f32(4, 8)}}`), ['__proto__', 'constructor']],
];

for (const [name, bytes, expected] of cases) {
  test(name, () => {
    const open = () => openSafetensors(bytesSource('m.safetensors', bytes));
    if (expected instanceof RegExp) {
      const error = thrownBy(open);
      assert.instance(error, CorruptDataError);
      assert.match((error as Error).message, expected);
      assert.match((error as Error).message, 'm.safetensors');
    } else {
      assert.equal(
        [...open().entries()].map((entry) => entry.name),
        expected,
      );
    }
  });
}

test('has all 60 cases of the list', () => {
  const beyond = cases.findIndex(([name]) => name.startsWith('numbers above'));
  assert.is(beyond, 60);
});

test('says of a file that ends too early that it is cut', () => {
  for (const name of ['file_empty', 'file_7_bytes', 'header_past_end', 'body_short']) {
    const bytes = cases.find(([other]) => other === name)?.[1] as Uint8Array;
    assert.instance(
      thrownBy(() => openSafetensors(bytesSource('m', bytes))),
      TruncatedDataError,
      name,
    );
  }
});

test('reads the values of the sound file', () => {
  const { bytes } = openSafetensors(bytesSource('m', file(`{"a":{${A}}}   `))).read('a');
  assert.equal(Uint8Array.from(bytes), EIGHT);
});

test('lists element types that it has not, and refuses to read them by name', () => {
  for (const [dtype, count, size] of [
    ['F4', 4, 2],
    ['F6_E2M3', 4, 3],
    ['F6_E3M2', 8, 6],
    ['F8_E8M0', 2, 2],
  ] as const) {
    const header = `{"a":{"dtype":"${dtype}","shape":[${count}],"data_offsets":[0,${size}]}}`;
    const reader = openSafetensors(bytesSource('m', file(header, size)));
    assert.is(reader.entry('a')?.dtype, undefined);
    assert.is(reader.entry('a')?.fileDtype, dtype);
    const error = thrownBy(() => reader.read('a'));
    assert.instance(error, UnsupportedDataError);
    assert.match((error as Error).message, dtype);
  }
});

test('believes no length: nothing is read that the file does not have', () => {
  for (const [name, bytes] of cases) {
    const source = bytesSource(name, bytes);
    const guarded = {
      ...source,
      read(offset: number, length: number) {
        assert.ok(offset >= 0 && length >= 0 && offset + length <= source.sizeBytes, name);
        return source.read(offset, length);
      },
    };
    thrownBy(() => {
      const reader = openSafetensors(guarded);
      for (const entry of reader.entries()) reader.read(entry.name);
    });
  }
});

test('takes a name of 20 million characters, and refuses as many digits', () => {
  const long = 'x'.repeat(20_000_000);
  const reader = openSafetensors(bytesSource('m', file(`{"${long}":{${A}}}`)));
  assert.is([...reader.entries()][0]?.name.length, long.length);
  const error = thrownBy(() => openSafetensors(bytesSource('m', file(withShape(`[${'1'.repeat(20_000_000)}]`)))));
  assert.match((error as Error).message, /number of 20000000 characters/);
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    if (error instanceof assert.Assertion) throw error;
    return error;
  }
  return undefined;
}

test.run();
