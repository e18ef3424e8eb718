import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { CodedError } from '../../../lib/error/coded-error.js';
import { CorruptDataError } from '../../../lib/error/corrupt-data-error.js';
import { bytesSource } from '../../../lib/format/byte-source.js';
import { encodeSafetensors } from '../../../lib/format/safetensors/encode-safetensors.js';
import { openSafetensors } from '../../../lib/format/safetensors/open-safetensors.js';
import { makeTensor } from '../../../lib/tensor/make-tensor.js';

const test = suite('openSafetensors, damage');

function small(): Uint8Array {
  const parts = encodeSafetensors(
    [
      ['w', makeTensor('float32', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))],
      ['b', makeTensor('int64', [], BigInt64Array.of(7n))],
      ['e', makeTensor('uint8', [3], Uint8Array.of(1, 2, 3))],
    ],
    { metadata: { k: 'v' } },
  );
  const chunks: number[] = [];
  for (const part of parts) for (const chunk of part.chunks) chunks.push(...chunk);
  return Uint8Array.from(chunks);
}

const sound = small();
const headerBytes = Number(new DataView(sound.buffer).getBigUint64(0, true));
const headerText = new TextDecoder().decode(sound.subarray(8, 8 + headerBytes));

/** What a reader can check: where each tensor lies and how large it is. Names, texts and types carry no checksum. */
function layout(bytes: Uint8Array): string {
  const reader = openSafetensors(bytesSource('m', bytes));
  return [...reader.entries()].map((entry) => `${entry.offset}+${entry.sizeBytes}`).join(' ');
}

function content(bytes: Uint8Array): string {
  const reader = openSafetensors(bytesSource('m', bytes));
  const entries = [...reader.entries()].map((entry) => [entry, [...reader.read(entry.name).bytes]]);
  return JSON.stringify([[...reader.metadata], entries]);
}

test('refuses every truncation', () => {
  for (let length = 0; length < sound.length; length++) {
    assert.throws(
      () => openSafetensors(bytesSource('m', sound.subarray(0, length))),
      (error: unknown) => error instanceof CorruptDataError,
      `cut to ${length}`,
    );
  }
});

test('refuses every byte more', () => {
  const longer = new Uint8Array(sound.length + 1);
  longer.set(sound);
  for (let byte = 0; byte < 256; byte++) {
    longer[sound.length] = byte;
    assert.throws(() => openSafetensors(bytesSource('m', longer)), /after the last tensor/);
  }
});

test('refuses every flip in the length', () => {
  forEachFlip(0, 8, (damaged, at) => {
    assert.throws(() => openSafetensors(bytesSource('m', damaged)), refusal, `byte ${at}`);
  });
});

test('refuses every flip in the header or keeps the layout', () => {
  let [refused, kept] = [0, 0];
  forEachFlip(8, 8 + headerBytes, (damaged, at) => {
    try {
      assert.is(layout(damaged), layout(sound), `byte ${at}`);
      kept++;
    } catch (error) {
      if (!refusal(error)) throw error;
      refused++;
    }
  });
  assert.ok(refused > 10 * kept, `refused ${refused}, kept ${kept}`);
});

test('refuses every flip outside of names, texts, types and dimensions, or reads the same content', () => {
  // Those carry nothing to check them by: the commit record of a checkpoint holds a checksum of the header.
  const free = new Set<number>();
  for (const match of headerText.matchAll(
    /"(?:w|b|e|k|v|dtype|F32|I64|U8|shape|__metadata__)"|\[[0-9,]*\](?=,"data)/g,
  )) {
    for (let i = 0; i < match[0].length; i++) free.add(8 + match.index + i);
  }
  assert.ok(free.size < headerBytes * 0.6);
  let refused = 0;
  forEachFlip(0, 8 + headerBytes, (damaged, at) => {
    if (free.has(at)) return;
    try {
      assert.is(content(damaged), content(sound), `byte ${at}`);
    } catch (error) {
      if (!refusal(error)) throw error;
      refused++;
    }
  });
  assert.ok(refused > 500);
});

test('throws coded errors only for 3000 files of random damage', () => {
  let seed = 12345;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  for (let i = 0; i < 3000; i++) {
    const damaged = sound.slice();
    for (let n = 1 + random(4); n > 0; n--) damaged[8 + random(headerBytes)] = 0x20 + random(0x60);
    try {
      content(damaged);
    } catch (error) {
      assert.ok(refusal(error), String(error));
    }
  }
});

function refusal(error: unknown): boolean {
  return error instanceof CodedError;
}

function forEachFlip(from: number, to: number, visit: (damaged: Uint8Array, at: number) => void): void {
  for (let at = from; at < to; at++) {
    for (let bit = 0; bit < 8; bit++) {
      const damaged = sound.slice();
      damaged[at] = (damaged[at] as number) ^ (1 << bit);
      visit(damaged, at);
    }
  }
}

test.run();
