import { readFileSync } from 'node:fs';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import type { CheckpointState } from '../../../lib/format/checkpoint-state/checkpoint-state.js';
import { confinePrefix } from '../../../lib/format/checkpoint-state/confine-prefix.js';
import {
  decodeCheckpointState,
  MAX_STATE_BYTES,
} from '../../../lib/format/checkpoint-state/decode-checkpoint-state.js';
import { encodeCheckpointState } from '../../../lib/format/checkpoint-state/encode-checkpoint-state.js';

const test = suite('decodeCheckpointState');

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (text: string): CheckpointState => decodeCheckpointState(bytes(text));
const fixture = (name: string): Uint8Array =>
  new Uint8Array(readFileSync(new URL(`../../fixtures/checkpoint-state/${name}`, import.meta.url)));

function refuses(text: string | Uint8Array, fault: RegExp): void {
  let thrown: unknown;
  try {
    decodeCheckpointState(typeof text === 'string' ? bytes(text) : text);
  } catch (error) {
    thrown = error;
  }
  assert.instance(thrown, CorruptDataError, `${text}`);
  assert.match((thrown as Error).message, fault);
  assert.match((thrown as Error).message, '(checkpoint');
}

// The 16 cases; `missing` and `dangling` are for the store to see.

test('ok', () => {
  assert.equal(
    decode('model_checkpoint_path: "m-2"\nall_model_checkpoint_paths: "m-1"\nall_model_checkpoint_paths: "m-2"\n'),
    { latest: 'm-2', all: ['m-1', 'm-2'] },
  );
});

test('ok_comment_and_quotes', () => {
  const text = `# a comment "\nmodel_checkpoint_path: 'm' # in between\n  "-2"\nall_model_checkpoint_paths:'m-2'# last`;
  assert.equal(decode(text), { latest: 'm-2', all: ['m-2'] });
});

test('ok_escapes', () => {
  assert.is(decode('model_checkpoint_path: "\\155-2"').latest, 'm-2');
});

test('ok_no_list', () => {
  assert.equal(decode('model_checkpoint_path: "m-1"\n'), { latest: 'm-1', all: ['m-1'] });
});

test('ok_timestamps', () => {
  const text = `model_checkpoint_path: "m-2"
all_model_checkpoint_paths: ["m-1", "m-2"];
all_model_checkpoint_timestamps: 1.5f, all_model_checkpoint_timestamps: 1e3
last_preserved_timestamp: -.25`;
  assert.equal(decode(text), { latest: 'm-2', all: ['m-1', 'm-2'], timestamps: [1.5, 1000], lastPreserved: -0.25 });
});

test('empty', () => refuses('', /no model_checkpoint_path/));
test('garbage', () => refuses(Uint8Array.of(0x01, 0xff, 0xfe, 0x00), /invalid UTF-8/));
test('no_path', () => refuses('all_model_checkpoint_paths: "m-1"\n', /no model_checkpoint_path/));
test('empty_path', () => refuses('model_checkpoint_path: ""\n', /no model_checkpoint_path/));
test('unterminated', () => refuses('model_checkpoint_path: "m-2\n', /string without its end \(checkpoint, line 1\)/));
test('unknown_field', () => {
  refuses('model_checkpoint_path: "m-2"\n\n\ncolour: "red"\n', /unknown field colour \(checkpoint, line 4\)/);
});

test('dangling: what is not there is still decoded', () => {
  assert.is(decode('model_checkpoint_path: "m-9"').latest, 'm-9');
});

test('twice (either): the last one holds', () => {
  assert.is(decode('model_checkpoint_path: "m-1"\nmodel_checkpoint_path: "m-2"').latest, 'm-2');
});

test('timestamps_mismatch (either): the timestamps are left out', () => {
  const text = 'model_checkpoint_path: "b" all_model_checkpoint_paths: ["a","b"] all_model_checkpoint_timestamps: 5';
  assert.equal(decode(text), { latest: 'b', all: ['a', 'b'] });
});

test('parent_path (either): decoded, and refused when it is confined', () => {
  const { latest } = decode('model_checkpoint_path: "../state_ok_elsewhere/m-1"');
  assert.throws(() => confinePrefix(latest), /leads out of its folder/);
});

// Files of TensorFlow.

test('reads what TensorFlow wrote, and writes it again byte for byte', () => {
  const manager = decodeCheckpointState(fixture('checkpoint-manager'));
  assert.equal(manager, {
    latest: 'ckpt-4',
    all: ['ckpt-3', 'ckpt-4'],
    timestamps: [1795176857.8220692, 1795176857.8497663],
    lastPreserved: 1795176856.7495077,
  });
  const saver = decodeCheckpointState(fixture('saver'));
  assert.equal(saver, { latest: 'model.ckpt-300', all: ['model.ckpt-200', 'model.ckpt-300'] });
  for (const [name, state] of [
    ['checkpoint-manager', manager],
    ['saver', saver],
  ] as const) {
    assert.equal(Uint8Array.from(encodeCheckpointState(state)), fixture(name));
  }
});

test('refuses every cut of such a file or reads a beginning of it', () => {
  const whole = fixture('checkpoint-manager');
  const full = decodeCheckpointState(whole);
  for (let length = 0; length < whole.length; length++) {
    try {
      const state = decodeCheckpointState(whole.subarray(0, length));
      assert.is(state.latest, full.latest, `${length}`);
      assert.ok(
        state.all.every((path) => full.all.includes(path)),
        `${length}`,
      );
    } catch (error) {
      assert.instance(error, CorruptDataError);
    }
  }
});

test('throws nothing but its own errors, whatever byte is flipped', () => {
  const whole = fixture('saver');
  let refused = 0;
  for (let at = 0; at < whole.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = whole.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << bit);
      try {
        decodeCheckpointState(damaged);
      } catch (error) {
        assert.instance(error, CorruptDataError);
        refused++;
      }
    }
  }
  assert.ok(refused > 500, `${refused}`);
});

// The grammar.

test('takes every escape of the text format', () => {
  const strings: [string, string][] = [
    ['\\a\\b\\f\\n\\r\\t\\v\\?\\\\\\\'\\"', '\x07\b\f\n\r\t\v?\\\'"'],
    ['\\303\\274', 'ü'],
    ['\\1019\\60', 'A90'],
    ['\\x41\\X4a\\x9z', 'AJ\tz'],
    ['\\xc3\\xBC', 'ü'],
    ['\\u00fc\\U0001F600\\ud83d\\ude00', 'ü😀😀'],
    ['日本 raw\tü', '日本 raw\tü'],
    ["it's # no comment", "it's # no comment"],
  ];
  for (const [written, meant] of strings) {
    assert.is(decode(`model_checkpoint_path: "${written}"`).latest, meant, written);
  }
  assert.is(decode(`model_checkpoint_path: 'say "m"'`).latest, 'say "m"');
  assert.is(decode(`model_checkpoint_path: "\\303" '\\274'`).latest, 'ü', 'one character from two strings');
});

test('refuses escapes that mean nothing', () => {
  for (const written of [
    '\\q',
    '\\400',
    '\\x',
    '\\u12',
    '\\ud800',
    '\\udc00\\ud800',
    '\\U00110000',
    '\\U1F600',
    '\\8',
  ]) {
    refuses(`model_checkpoint_path: "${written}"`, /escape/);
  }
  refuses('model_checkpoint_path: "\\xff"', /string is not UTF-8/);
  refuses('model_checkpoint_path: "a\nb"', /string without its end/);
  refuses('model_checkpoint_path: "a\\\nb"', /string without its end/);
  refuses('model_checkpoint_path: "a\\', /string without its end/);
  refuses('model_checkpoint_path: "a\\"', /string without its end/);
});

test('takes the numbers that protobuf takes, and no others', () => {
  const number = (text: string): number | undefined =>
    decode(`model_checkpoint_path: "m" last_preserved_timestamp: ${text}`).lastPreserved;
  for (const [text, value] of [
    ['1', 1],
    ['0', 0],
    ['1.', 1],
    ['.5', 0.5],
    ['1.5f', 1.5],
    ['-2E-3', -0.002],
    ['1e+2F', 100],
    ['inf', Infinity],
    ['-Infinity', -Infinity],
    ['inff', Infinity],
  ] as const) {
    assert.is(number(text), value, text);
  }
  assert.ok(Number.isNaN(number('nan')));
  for (const text of ['', '"1"', '01', '0x10', '1e', 'one', '--1', '1.2.3', '+1', '.', '-']) {
    refuses(`model_checkpoint_path: "m" last_preserved_timestamp: ${text}`, /expected a number/);
  }
});

test('checks the types of fields', () => {
  refuses('model_checkpoint_path: 5', /expected a string/);
  refuses('model_checkpoint_path: m-2', /expected a string/);
  refuses('model_checkpoint_path: ["m"]', /expected a string/);
  refuses('all_model_checkpoint_paths: 1', /expected a string/);
  refuses('all_model_checkpoint_timestamps: ["1"]', /expected a number/);
  refuses('model_checkpoint_path "m"', /expected ":" after model_checkpoint_path/);
  refuses('model_checkpoint_path { }', /expected ":"/);
  refuses('1: "m"', /expected the name of a field/);
  refuses('[ext]: "m"', /expected the name of a field/);
  refuses('model_checkpoint_path: "m",,', /expected the name of a field/);
  refuses('all_model_checkpoint_paths: ["a" "b", ]', /expected a string/);
  refuses('all_model_checkpoint_paths: ["a"', /expected "," or "\]"/);
  refuses('\ufeffmodel_checkpoint_path: "m"', /expected the name of a field/);
});

test('takes empty lists, separators and line ends of Windows', () => {
  const text = 'all_model_checkpoint_paths: [];model_checkpoint_path:"m",\r\nall_model_checkpoint_paths: ["m"],';
  assert.equal(decode(text), { latest: 'm', all: ['m'] });
});

test('makes the latest the last, with its timestamp', () => {
  const text = `model_checkpoint_path: "b" all_model_checkpoint_paths: ["a", "b", "c"]
    all_model_checkpoint_timestamps: [1, 2, 3]`;
  assert.equal(decode(text), { latest: 'b', all: ['a', 'c', 'b'], timestamps: [1, 3, 2] });
  assert.equal(
    decode('model_checkpoint_path: "b" all_model_checkpoint_paths: "a" all_model_checkpoint_timestamps: 1'),
    {
      latest: 'b',
      all: ['a', 'b'],
    },
  );
});

test('refuses what is larger than 1 MiB, and reads 1 MiB of anything quickly', () => {
  refuses(new Uint8Array(MAX_STATE_BYTES + 1), /1048577 bytes are over 1048576/);
  const started = performance.now();
  for (const piece of ['"a" ', '"\\303" ', '#\n', '[', '\\', '"']) {
    const text = `model_checkpoint_path: ${piece.repeat(Math.floor((MAX_STATE_BYTES - 30) / piece.length))}`;
    try {
      decode(text);
    } catch (error) {
      assert.instance(error, CorruptDataError);
    }
  }
  assert.ok(performance.now() - started < 10_000);
});

test.run();
