// IDX, the format of the MNIST files: a magic number (two zero bytes, the element type, the number of dimensions), the
// sizes of the dimensions as big-endian uint32, then the elements, row-major. Described by Y. LeCun, C. Cortes and
// C. Burges on the MNIST page.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Digits } from './digits.js';

const UNSIGNED_BYTE = 8;
const MOST_BYTES = 1 << 30;

/** What an IDX file of unsigned bytes holds. */
export interface IdxArray {
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

/**
 * Reads an IDX file of unsigned bytes, gzipped or not: its first bytes tell.
 *
 * @param bytes the whole file
 * @param name for messages, e.g. its path
 * @param dimensions how many the file must have
 * @throws RangeError that names the file and says what is wrong with it
 */
export function decodeIdx(bytes: Uint8Array, name: string, dimensions: number): IdxArray {
  const data = isGzip(bytes) ? gunzip(bytes, name) : bytes;
  const headerBytes = 4 + 4 * dimensions;
  if (data.length < 4) throw broken(name, `holds ${data.length} bytes, too few for an IDX file`);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const [zero, type, found] = [view.getUint16(0), view.getUint8(2), view.getUint8(3)];
  if (zero !== 0 || type !== UNSIGNED_BYTE) {
    throw broken(name, `begins with 0x${view.getUint32(0).toString(16).padStart(8, '0')}, expected 0x000008xx`);
  }
  if (found !== dimensions) throw broken(name, `has ${found} dimensions, expected ${dimensions}`);
  if (data.length < headerBytes) throw broken(name, 'ends within its header');
  const shape = Array.from({ length: dimensions }, (_, index) => view.getUint32(4 + 4 * index));
  const expected = shape.reduce((product, size) => product * size, 1);
  if (expected > MOST_BYTES) throw broken(name, `announces [${shape.join(', ')}], more than 1 GiB`);
  if (data.length - headerBytes !== expected) {
    throw broken(name, `announces [${shape.join(', ')}], but holds ${data.length - headerBytes} values`);
  }
  return { shape, values: data.subarray(headerBytes) };
}

/**
 * Reads one split of MNIST out of `folder`, under the usual names (`train-images-idx3-ubyte`, …), with or without `.gz`.
 *
 * @throws RangeError if a file is missing or broken, or if images and labels do not belong together
 */
export function readMnist(folder: string, split: 'train' | 't10k'): Digits {
  const images = readIdx(folder, `${split}-images-idx3-ubyte`, 3);
  const labels = readIdx(folder, `${split}-labels-idx1-ubyte`, 1);
  const [count = 0, rows, columns] = images.shape;
  if (rows !== 28 || columns !== 28) throw broken(images.path, `has images of ${rows} × ${columns}, expected 28 × 28`);
  if (labels.shape[0] !== count) throw broken(labels.path, `has ${labels.shape[0]} labels for ${count} images`);
  if (count === 0) throw broken(images.path, 'has no images');
  const wrong = labels.values.find((label) => label > 9);
  if (wrong !== undefined) throw broken(labels.path, `has the label ${wrong}, expected 0 to 9`);
  return { count, images: images.values, labels: labels.values };
}

function readIdx(folder: string, name: string, dimensions: number): IdxArray & { readonly path: string } {
  const path = [join(folder, name), join(folder, `${name}.gz`)].find((candidate) => existsSync(candidate));
  if (path === undefined) throw new RangeError(`${folder}: expected ${name} or ${name}.gz, found neither`);
  return { path, ...decodeIdx(readFileSync(path), path, dimensions) };
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function gunzip(bytes: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: MOST_BYTES });
  } catch (cause) {
    throw new RangeError(`${name}: cannot be unzipped`, { cause });
  }
}

function broken(name: string, fault: string): RangeError {
  return new RangeError(`${name}: ${fault}`);
}
