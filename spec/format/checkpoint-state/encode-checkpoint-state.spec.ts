import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeCheckpointState } from '../../../lib/format/checkpoint-state/decode-checkpoint-state.js';
import { encodeCheckpointState } from '../../../lib/format/checkpoint-state/encode-checkpoint-state.js';

const test = suite('encodeCheckpointState');

const encode = (...args: Parameters<typeof encodeCheckpointState>): string =>
  new TextDecoder().decode(encodeCheckpointState(...args));

test('escapes as TensorFlow does', () => {
  const path = 'ü/日 "q" \'s\' \\ \t\n\r\x01\x7f';
  assert.is(
    encode({ latest: path, all: [path] }).split('\n')[0],
    `model_checkpoint_path: "\\303\\274/\\346\\227\\245 \\"q\\" \\'s\\' \\\\ \\t\\n\\r\\001\\177"`,
  );
});

test('writes fields in the order of their numbers', () => {
  assert.is(
    encode({ latest: 'b', all: ['a', 'b'], timestamps: [1795176857.82, 3], lastPreserved: 0.1 }),
    `model_checkpoint_path: "b"
all_model_checkpoint_paths: "a"
all_model_checkpoint_paths: "b"
all_model_checkpoint_timestamps: 1795176857.82
all_model_checkpoint_timestamps: 3.0
last_preserved_timestamp: 0.1
`,
  );
});

test('is the inverse of decoding', () => {
  const path = fc.string({ unit: 'binary', minLength: 1 });
  const state = fc
    .uniqueArray(fc.tuple(path, fc.double({ noNaN: true })), { minLength: 1, maxLength: 5, selector: ([name]) => name })
    .chain((entries) =>
      fc.record({
        latest: fc.constant((entries.at(-1) as [string, number])[0]),
        all: fc.constant(entries.map(([name]) => name)),
        timestamps: fc.option(fc.constant(entries.map(([, seconds]) => seconds)), { nil: undefined }),
        lastPreserved: fc.option(fc.double({ noNaN: true }), { nil: undefined }),
      }),
    );
  fc.assert(
    fc.property(state, ({ latest, all, timestamps, lastPreserved }) => {
      const back = decodeCheckpointState(encodeCheckpointState({ latest, all, timestamps, lastPreserved }));
      assert.equal([back.latest, back.all], [latest, all]);
      // Object.is for -0.
      assert.is(back.timestamps?.length, timestamps?.length);
      timestamps?.forEach((seconds, i) => {
        assert.ok(Object.is(back.timestamps?.[i], seconds));
      });
      assert.ok(Object.is(back.lastPreserved, lastPreserved));
    }),
  );
});

test('refuses a state that does not hold together', () => {
  assert.throws(() => encode({ latest: 'a', all: [] }), /expected the last of all to be "a", received undefined/);
  assert.throws(() => encode({ latest: 'a', all: ['a', 'b'] }), /received "b"/);
  assert.throws(() => encode({ latest: 'a', all: ['a'], timestamps: [1, 2] }), /expected 1 timestamps, received 2/);
  assert.throws(() => encode({ latest: '', all: [''] }), /expected a path, received ""/);
  assert.throws(() => encode({ latest: '\ud800', all: ['\ud800'] }), /expected a path/);
});

test.run();
