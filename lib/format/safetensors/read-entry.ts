import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import type { FixedTensor } from '../../tensor/tensor.js';
import type { ByteSource } from '../byte-source.js';
import type { SafetensorsEntry } from './safetensors-reader.js';

/** Into memory that is there already, tensors go piece by piece, so that a large one is not in memory twice. */
const PIECE_BYTES = 4 << 20;

/**
 * Reads one tensor that the header of `source` lists.
 *
 * @throws UnsupportedDataError if its element type is none of ours
 * @throws RangeError if `into` has another size
 */
export function readEntry(source: ByteSource, entry: SafetensorsEntry, into: Uint8Array | undefined): FixedTensor {
  const { name, dtype, shape, offset, sizeBytes } = entry;
  if (dtype === undefined) {
    throw new UnsupportedDataError(
      'safetensors',
      `${source.name}, tensor ${JSON.stringify(name)}`,
      `cannot read elements of type ${entry.fileDtype}`,
    );
  }
  if (into === undefined) return { dtype, shape, bytes: source.read(offset, sizeBytes) };
  if (into.length !== sizeBytes) {
    throw new RangeError(`read(name, into): expected ${sizeBytes} bytes, received ${into.length}`);
  }
  for (let done = 0; done < sizeBytes; done += PIECE_BYTES) {
    const target = into.subarray(done, done + PIECE_BYTES);
    if (source.readInto === undefined) target.set(source.read(offset + done, target.length));
    else source.readInto(offset + done, target);
  }
  return { dtype, shape, bytes: into };
}
