// Saves a state of some size, or reads it back, and measures the memory that it takes above the state itself.

import { readFileSync } from 'node:fs';
import { filter, lastValueFrom } from 'rxjs';
import { safetensors } from '../../lib/checkpoint/format/safetensors.js';
import { tensorBundle } from '../../lib/checkpoint/format/tensor-bundle.js';
import { readCheckpoint } from '../../lib/checkpoint/read-checkpoint.js';
import { storeSaver } from '../../lib/checkpoint/store-saver.js';
import { verifyCheckpoint } from '../../lib/checkpoint/verify-checkpoint.js';
import { isSaved } from '../../lib/checkpoint/write-progress.js';
import { fileStore } from '../../lib/store/file-store.js';
import { int64Scalar, makeTensor } from '../../lib/tensor/make-tensor.js';
import { answerOf } from '../../lib/testing/crash/answer-of.js';

export interface LargeCheckpoint {
  /** The most that was ever resident, above what was before anything was made. */
  readonly peakBytes: number;
  /** Of all files, after a save. */
  readonly sizeBytes: number;
}

const { path, format, sizes, what } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly path: string;
  readonly format: string;
  /** Of each tensor. */
  readonly sizes: readonly number[];
  readonly what: 'save' | 'restore' | 'verify';
};
const PREFIX = 'model.ckpt-1';
/** The kernel's own mark. */
const peak = (): number => 1024 * Number(/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]);
const stamp = (tensor: number, at: number): number => (tensor * 7919 + at * 2_654_435_761) >>> 0;

function* elements(tensor: number, words: Uint32Array): Generator<number> {
  for (let at = 0; at < words.length; at += 4099) yield stamp(tensor, at);
}

const store = fileStore(path);
const before = peak();
let sizeBytes = 0;
if (what === 'save') {
  const tensors = new Map([['global_step', int64Scalar(1)]]);
  for (const [tensor, size] of sizes.entries()) {
    const words = new Uint32Array(size / 4).fill(tensor + 1);
    let at = 0;
    for (const value of elements(tensor, words)) {
      words[at] = value;
      at += 4099;
    }
    tensors.set(`model/${tensor}`, makeTensor('uint32', [words.length], words));
  }
  const saver = await lastValueFrom(
    storeSaver(store, { format: format === 'safetensors' ? safetensors() : tensorBundle() }).open(),
  );
  await lastValueFrom(saver.startFrom(undefined));
  const saved = await lastValueFrom(
    saver.save({ globalStep: 1, tensors, json: null }, new Map()).pipe(filter(isSaved)),
  );
  saver.close();
  sizeBytes = saved.sizeBytes;
} else if (what === 'verify') {
  if (!(await lastValueFrom(verifyCheckpoint(store, PREFIX))).isValid) throw new Error('it is not valid');
} else {
  const checkpoint = answerOf(readCheckpoint(store, PREFIX));
  const { tensors } = checkpoint.snapshot();
  for (const [tensor, size] of sizes.entries()) {
    const read = tensors.get(`model/${tensor}`);
    if (read === undefined || read.dtype === 'string') throw new Error(`tensor ${tensor} is missing`);
    if (read.bytes.byteLength !== size) throw new Error(`tensor ${tensor} has ${read.bytes.byteLength} bytes`);
    const words = new Uint32Array(read.bytes.buffer, read.bytes.byteOffset, size / 4);
    let at = 0;
    for (const value of elements(tensor, words)) {
      if (words[at] !== value) throw new Error(`element ${at} of tensor ${tensor} is ${words[at]}, expected ${value}`);
      at += 4099;
    }
    if (words.at(-1) !== tensor + 1 && (words.length - 1) % 4099 !== 0) throw new Error('the last element is wrong');
  }
  checkpoint.close();
}
const found: LargeCheckpoint = { peakBytes: peak() - before, sizeBytes };
console.log(JSON.stringify(found));
