import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { elementCount, type Tensor, tensorBytes } from '../../tensor/tensor.js';
import { ByteWriter } from '../byte-writer.js';
import { compareUtf8 } from '../compare-utf8.js';
import { type Crc32c, crc32c as crc32cOfOurs, maskCrc } from '../crc32c.js';
import type { FilePart } from '../file-part.js';
import { isWellFormed } from '../is-well-formed.js';
import { packChunks } from '../pack-chunks.js';
import { ProtoWriter } from '../protobuf/proto-writer.js';
import { TableBuilder } from '../sstable/table-builder.js';
import { MAX_KEY_BYTES } from '../sstable/table-reader.js';
import { BUNDLE_INDEX_SUFFIX, bundleDataSuffix } from './bundle-suffix.js';
import { encodeBundleHeader } from './index/bundle-header.js';
import { MAX_RANK } from './index/decode-entry.js';
import { encodeEntry, type TensorPlace } from './index/encode-entry.js';
import { encodeStringHead } from './string-tensor.js';

/** Checksummed and passed on at a time, while it is in the processor's cache. */
const PIECE_BYTES = 1 << 20;
const EMPTY_KEY = new Uint8Array(0);
const encoder = new TextEncoder();

export interface EncodeBundleOptions {
  /** A faster CRC-32C, such as a native one. Default: one in JavaScript. */
  readonly crc32c?: Crc32c | undefined;
}

const OPTIONS: OptionNames<EncodeBundleOptions> = { crc32c: true };

/**
 * Encodes tensors as a bundle of one data file, byte for byte as TensorFlow writes it: first the data file, then the
 * index.
 *
 * Names and shapes are checked at once. The elements follow as the chunks are pulled: each tensor's `bytes` is read
 * once, when its turn comes, small tensors are packed into chunks of about 1 MiB, and large ones pass through as views
 * without a copy.
 *
 * @param tensors by name; the data lies in this order, while the index is always in byte order of the names.
 *   TensorFlow's savers go by name
 * @throws TypeError if a name is empty, no valid Unicode, longer than 16,000 bytes or comes twice
 * @throws RangeError if a shape has more than 254 dimensions, or not as many elements as there are strings; later, from
 *   the chunks, if the bytes of a tensor are not as many as its shape says
 * @see docs/formats/tensor-bundle.md
 */
export function encodeBundle(
  tensors: Iterable<readonly [string, Tensor]>,
  options: EncodeBundleOptions = {},
): Generator<FilePart, void, undefined> {
  checkOptions('encodeBundle(options)', options, OPTIONS);
  const { crc32c = crc32cOfOurs } = options;
  const rows: Row[] = [];
  for (const [name, tensor] of tensors) {
    if (name === '') refuse('a name', name);
    if (!isWellFormed(name)) refuse('a name of valid Unicode', name);
    // A code unit takes up to three bytes.
    if (name.length * 3 > MAX_KEY_BYTES && encoder.encode(name).length > MAX_KEY_BYTES) {
      refuse(`a name of up to ${MAX_KEY_BYTES} bytes`, `${name.slice(0, 50)}…`);
    }
    checkShape(name, tensor);
    rows.push({ name, tensor, offset: 0, sizeBytes: 0, crc32c: 0 });
  }
  // Sorted for the index in any case, so that a name which comes twice shows without a set of all names.
  const sorted = [...rows].sort((a, b) => compareUtf8(a.name, b.name));
  for (let i = 1; i < sorted.length; i++) {
    const { name } = sorted[i] as Row;
    if (sorted[i - 1]?.name === name) refuse('names that differ', name);
  }
  return parts(rows, sorted, crc32c);
}

/** A tensor, and where it lies once its elements are through. */
interface Row extends TensorPlace {
  readonly name: string;
  readonly tensor: Tensor;
  offset: number;
  sizeBytes: number;
  crc32c: number;
}

function* parts(rows: readonly Row[], sorted: readonly Row[], crc32c: Crc32c): Generator<FilePart, void, undefined> {
  const progress = { isThrough: false };
  yield { suffix: bundleDataSuffix(0, 1), chunks: packChunks(dataPieces(rows, progress, crc32c)) };
  if (!progress.isThrough) {
    throw new TypeError('encodeBundle(tensors): expected the data file to be taken whole before the index');
  }
  yield { suffix: BUNDLE_INDEX_SUFFIX, chunks: [encodeIndex(sorted, crc32c)] };
}

/** The elements of all tensors; when those of one are through, its row is filled in. */
function* dataPieces(
  rows: readonly Row[],
  progress: { isThrough: boolean },
  crc32c: Crc32c,
): Generator<Uint8Array, void, undefined> {
  let offset = 0;
  for (const row of rows) {
    const { name, tensor } = row;
    let sizeBytes = 0;
    let crc = 0;
    if (tensor.dtype === 'string') {
      const head = encodeStringHead(tensor.values, crc32c);
      crc = head.crc;
      sizeBytes = head.bytes.length;
      yield head.bytes;
      for (const value of tensor.values) {
        crc = crc32c(value, crc);
        sizeBytes += value.length;
        yield value;
      }
    } else {
      const bytes = elementsOf(name, tensor);
      sizeBytes = bytes.length;
      for (let at = 0; at < sizeBytes; at += PIECE_BYTES) {
        const piece = sizeBytes <= PIECE_BYTES ? bytes : bytes.subarray(at, at + PIECE_BYTES);
        crc = crc32c(piece, crc);
        yield piece;
      }
    }
    row.offset = offset;
    row.sizeBytes = sizeBytes;
    row.crc32c = maskCrc(crc);
    offset += sizeBytes;
  }
  progress.isThrough = true;
}

function encodeIndex(sorted: readonly Row[], crc32c: Crc32c): Uint8Array {
  const table = new TableBuilder({ crc32c });
  table.add(EMPTY_KEY, encodeBundleHeader());
  // All keys one after another: memory of its own for each costs more than writing it.
  const keys = new ByteWriter();
  const entry = new ProtoWriter();
  for (const row of sorted) {
    entry.reset();
    encodeEntry(entry, row.tensor, row);
    const start = keys.length;
    keys.putText(row.name);
    table.add(keys.written(start), entry.written());
  }
  return table.finish();
}

function elementsOf(name: string, tensor: Exclude<Tensor, { dtype: 'string' }>): Uint8Array {
  const { bytes } = tensor;
  const expected = tensorBytes(tensor.dtype, tensor.shape);
  if (bytes.length === expected) return bytes;
  throw new RangeError(
    `encodeBundle(tensors): expected ${expected} bytes in ${JSON.stringify(name)}, received ${bytes.length}`,
  );
}

function checkShape(name: string, tensor: Tensor): void {
  const { shape } = tensor;
  if (shape.length > MAX_RANK) {
    throw new RangeError(
      `encodeBundle(tensors): expected at most ${MAX_RANK} dimensions in ${JSON.stringify(name)}, received ${shape.length}`,
    );
  }
  const count = elementCount(shape);
  if (tensor.dtype === 'string' && tensor.values.length !== count) {
    throw new RangeError(
      `encodeBundle(tensors): expected ${count} strings in ${JSON.stringify(name)}, received ${tensor.values.length}`,
    );
  }
}

function refuse(expected: string, name: string): never {
  throw new TypeError(`encodeBundle(tensors): expected ${expected}, received ${JSON.stringify(name)}`);
}
