import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { RECORD_SUFFIX } from '../../../lib/checkpoint/checkpoint-record.js';
import type { CheckpointFormat } from '../../../lib/checkpoint/format/checkpoint-format.js';
import { safetensors } from '../../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../../lib/checkpoint/format/tensor-bundle.js';
import { readCheckpoint } from '../../../lib/checkpoint/read-checkpoint.js';
import { CodedError } from '../../../lib/error/coded-error.js';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { UnsupportedDataError } from '../../../lib/error/unsupported-data-error.js';
import { safetensorsDTypeOf } from '../../../lib/format/safetensors/safetensors-dtype.js';
import { DTYPES } from '../../../lib/tensor/dtype.js';
import type { Json } from '../../../lib/tensor/json.js';
import { int64Scalar, makeStringTensor, makeTensor } from '../../../lib/tensor/make-tensor.js';
import type { StateSnapshot } from '../../../lib/tensor/state-snapshot.js';
import { type Tensor, tensorBytes } from '../../../lib/tensor/tensor.js';
import { answerOf } from '../../../lib/testing/crash/answer-of.js';
import { ScratchFolder } from '../scratch-folder.js';

const test = suite('checkpoint formats');
const FORMATS: readonly CheckpointFormat[] = [tensorBundle(), safetensors()];
const NAMES = [
  'w',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  '../x',
  '/abs',
  'a/b/c',
  'ü…',
  ' ',
  '__metadata',
  'é',
];

function stateOf(
  tensors: Iterable<readonly [string, Tensor]>,
  json: Json = { parts: {} },
  globalStep = 7,
): StateSnapshot {
  return { globalStep, tensors: new Map([['global_step', int64Scalar(globalStep)], ...tensors]), json };
}

function write(folder: ScratchFolder, format: CheckpointFormat, snapshot: StateSnapshot, prefix = 'm-7'): void {
  const { globalStep } = snapshot;
  const record = { globalStep, savedAt: 5, parent: undefined, metrics: new Map([['loss', 0.5]]) };
  answerOf(folder.store.write(prefix, format.encode(snapshot, record)));
}

function read(folder: ScratchFolder, format: CheckpointFormat, prefix = 'm-7'): StateSnapshot {
  const checkpoint = answerOf(readCheckpoint(folder.store, prefix, [format]));
  try {
    return checkpoint.snapshot();
  } finally {
    checkpoint.close();
  }
}

/** A snapshot as plain values, in the order of the names. */
function plain({ globalStep, tensors, json }: StateSnapshot): unknown {
  const sorted = [...tensors].sort(([a], [b]) => (a < b ? -1 : 1));
  return [globalStep, sorted.map(([name, tensor]) => [name, tensor.dtype, [...tensor.shape], contentOf(tensor)]), json];
}

function contentOf(tensor: Tensor): unknown {
  return tensor.dtype === 'string' ? tensor.values.map((value) => [...value]) : [...tensor.bytes];
}

/** Bytes without a pattern, the same each time. */
function noise(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, n) => (n * 2654435761) >>> 13);
}

for (const format of FORMATS) {
  for (const dtype of DTYPES) {
    const isHeld = format.name === 'tensor-bundle' || (dtype !== 'string' && safetensorsDTypeOf(dtype) !== undefined);
    test(`${format.name} ${isHeld ? 'holds' : 'refuses'} ${dtype}`, () => {
      const tensors = [[], [0], [3], [2, 0, 4], [2, 3, 1, 2]].map((shape, n): readonly [string, Tensor] => {
        const count = shape.reduce((product, size) => product * size, 1);
        if (dtype === 'string')
          return [
            `t/${n}`,
            makeStringTensor(
              shape,
              Array.from({ length: count }, (_, i) => noise(i)),
            ),
          ];
        return [`t/${n}`, { dtype, shape, bytes: noise(tensorBytes(dtype, shape)) }];
      });
      const state = stateOf(tensors);
      const folder = new ScratchFolder();
      if (isHeld) {
        write(folder, format, state);
        assert.equal(plain(read(folder, format)), plain(state));
      } else {
        assert.throws(() => write(folder, format, state), isUnsupported(dtype));
        assert.equal(folder.names(), []);
      }
    });
  }

  test(`${format.name} holds tensors of any name, and JSON of any text`, () => {
    const json: Json = {
      parts: { a: { zero: -0, text: 'ü\ud800\u0000"', '': [], nested: [[1e-300, null, true, { '': 2 }]] } },
    };
    Object.defineProperty(json, '__proto__', { value: 'own', enumerable: true });
    const state = stateOf(
      NAMES.map((name, n) => [name, makeTensor('float32', [n], new Float32Array(n).fill(n))]),
      json,
    );
    const folder = new ScratchFolder();
    write(folder, format, state);
    const found = read(folder, format);
    assert.equal(plain(found), plain(state));
    assert.is(JSON.stringify(found.json), JSON.stringify(json));
    const { a } = (found.json as { parts: { a: { zero: number } } }).parts;
    assert.ok(Object.is(a.zero, -0), 'minus zero');
    assert.is(Object.getPrototypeOf(found.json), Object.prototype);
  });

  test(`${format.name} gives JSON back as it was`, () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const folder = new ScratchFolder();
        write(folder, format, stateOf([], json as Json));
        assert.equal(read(folder, format).json, json);
      }),
      { numRuns: 40 },
    );
  });

  test(`${format.name} writes equal files for equal states`, () => {
    const [a, b] = [new ScratchFolder(), new ScratchFolder()];
    const state = stateOf([['w', makeTensor('float64', [3], Float64Array.of(1, Number.NaN, -0))]]);
    write(a, format, state);
    write(b, format, state);
    for (const name of a.names()) assert.equal(a.read(name), b.read(name), name);
  });

  test(`${format.name} refuses every flipped bit of every file, or reads the same`, () => {
    const state = stateOf([['w', makeTensor('float32', [3], Float32Array.of(1, 2, 3))]], {
      parts: { input: { at: 7 } },
    });
    const folder = new ScratchFolder();
    write(folder, format, state);
    const expected = plain(state);
    let harmless = 0;
    let flips = 0;
    for (const name of folder.names()) {
      const good = folder.read(name);
      for (let bit = 0; bit < good.length * 8; bit++, flips++) {
        const bytes = good.slice();
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        folder.put(name, bytes);
        try {
          assert.equal(plain(read(folder, format)), expected, `${name}, bit ${bit}`);
          harmless++;
        } catch (error) {
          assert.instance(error, CodedError, `${name}, bit ${bit}: ${error}`);
        }
      }
      folder.put(name, good);
    }
    assert.is(folder.fs.openCount(), 0);
    // What is harmless is the padding of a table's footer, which says nothing.
    assert.ok(flips > 2000 && harmless < flips / 8, `${harmless} of ${flips} flips are harmless`);
  });

  test(`${format.name} refuses every truncation of every file`, () => {
    const folder = new ScratchFolder();
    const state = stateOf([['w', makeTensor('int32', [2], Int32Array.of(1, 2))]]);
    write(folder, format, state);
    for (const name of folder.names()) {
      const good = folder.read(name);
      for (let length = 0; length < good.length; length++) {
        folder.put(name, good.subarray(0, length));
        try {
          assert.equal(plain(read(folder, format)), plain(state), `${name} of ${length} bytes`);
          assert.ok(name.endsWith('.json') && length === good.length - 1, `${name} of ${length} bytes is read`);
        } catch (error) {
          if (!(error instanceof CodedError)) throw error;
        }
      }
      folder.put(name, good);
    }
  });

  test(`${format.name} refuses files of two checkpoints put together`, () => {
    const stateAt = (step: number) =>
      stateOf([['w', makeTensor('int32', [1], Int32Array.of(step))]], { parts: {} }, step);
    const folder = new ScratchFolder();
    for (const step of [200, 400]) write(folder, format, stateAt(step), `m-${step}`);
    const suffixes = folder
      .names()
      .filter((name) => name.startsWith('m-200'))
      .map((name) => name.slice('m-200'.length));
    assert.ok(suffixes.length >= 2);
    for (const suffix of suffixes) {
      const good = folder.read(`m-400${suffix}`);
      folder.put(`m-400${suffix}`, folder.read(`m-200${suffix}`));
      assert.throws(() => read(folder, format, 'm-400'), isCorrupt, `${suffix} of another checkpoint is believed`);
      folder.put(`m-400${suffix}`, good);
    }
    assert.is(read(folder, format, 'm-400').globalStep, 400);
  });

  test(`${format.name} refuses each file that is missing but its record`, () => {
    const folder = new ScratchFolder();
    write(folder, format, stateOf([]));
    for (const name of folder.names().filter((each) => !each.endsWith(RECORD_SUFFIX))) {
      const good = folder.read(name);
      folder.remove(name);
      assert.throws(
        () => read(folder, format),
        (error: unknown) => error instanceof CodedError,
        name,
      );
      folder.put(name, good);
    }
  });

  test(`${format.name} takes no name twice and none that is empty, and leaves nothing then`, () => {
    const tensor = makeTensor('float32', [1], new Float32Array(1));
    const reserved = format.name === 'safetensors' ? '__metadata__' : '_tidemark/state';
    const folder = new ScratchFolder();
    assert.throws(() => write(folder, format, stateOf([[reserved, tensor]])), /names that differ|another name/);
    assert.throws(() => write(folder, format, stateOf([['\ud800', tensor]])), /valid Unicode/);
    assert.equal(folder.names(), []);
  });

  test(`${format.name} takes bytes that do not fit their shape for a mistake, and leaves nothing`, () => {
    const folder = new ScratchFolder();
    const state = stateOf([['w', { dtype: 'float32', shape: [3], bytes: new Uint8Array(4) }]]);
    assert.throws(() => write(folder, format, state), /expected 12 bytes in "w", received 4/);
    assert.equal(folder.names(), []);
  });
}

test('a bundle without a record is read, with the step of its tensor, else of its name', () => {
  const folder = new ScratchFolder();
  write(folder, tensorBundle(), stateOf([], null, 12), 'm-500');
  folder.remove(`m-500${RECORD_SUFFIX}`);
  assert.is(read(folder, tensorBundle(), 'm-500').globalStep, 12);
  const noStep = { globalStep: 12, tensors: new Map([['w', int64Scalar(1)]]), json: null };
  for (const [prefix, step] of [
    ['n-500', 500],
    ['n-00000500', 500],
    ['n', 0],
    ['n--5', 0],
  ] as const) {
    write(folder, tensorBundle(), noStep, prefix);
    folder.remove(`${prefix}${RECORD_SUFFIX}`);
    assert.is(read(folder, tensorBundle(), prefix).globalStep, step, prefix);
  }
});

test('a bundle of another program whose step is none is refused', () => {
  const folder = new ScratchFolder();
  const tensors = new Map([['global_step', int64Scalar(-5)]]);
  write(folder, tensorBundle(), { globalStep: 1, tensors, json: null });
  folder.remove(`m-7${RECORD_SUFFIX}`);
  assert.throws(() => read(folder, tensorBundle()), /its global_step is -5/);
});

test('a record of another format is refused', () => {
  const folder = new ScratchFolder();
  write(folder, tensorBundle(), stateOf([]), 'a-7');
  write(folder, safetensors(), stateOf([]), 'b-7');
  folder.put(`a-7${RECORD_SUFFIX}`, folder.read(`b-7.safetensors${RECORD_SUFFIX}`));
  assert.throws(() => read(folder, tensorBundle(), 'a-7'), /its record is of the format safetensors/);
});

test('JSON that no reader would take back is refused', () => {
  const folder = new ScratchFolder();
  const text = 'x'.repeat(1 << 28);
  assert.throws(() => write(folder, tensorBundle(), stateOf([], { text })), /expected at most 268435456 bytes of JSON/);
  assert.equal(folder.names(), []);
});

function isCorrupt(error: unknown): boolean {
  return error instanceof CorruptDataError;
}

function isUnsupported(dtype: string): (error: unknown) => boolean {
  return (error) => error instanceof UnsupportedDataError && error.message.includes(dtype);
}

test.run();
