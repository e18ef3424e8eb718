// fixed64 N | header: N bytes of UTF-8 JSON | data

import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { TruncatedDataError } from '../../error/truncated-data-error.js';
import type { ByteSource } from '../byte-source.js';
import { checkSource } from '../check-source.js';
import { decodeHeader } from './decode-header.js';
import { readEntry } from './read-entry.js';
import type { SafetensorsReader } from './safetensors-reader.js';

const LENGTH_BYTES = 8;
/** The reference's limit. */
export const MAX_HEADER_BYTES = 100_000_000;
const BRACE = 0x7b;

/**
 * Opens a safetensors file: reads and checks the whole header, and no data.
 *
 * It is stricter than the reference: a tensor name, a key of the metadata or of any other object that comes twice is
 * refused, and so are a header that does not begin with `{` and numbers above 2^53.
 *
 * @throws TruncatedDataError if the file is shorter than it says
 * @throws CorruptDataError if the header breaks the format's rules, or its tensors do not cover the data exactly
 *
 * @see docs/formats/safetensors.md
 */
export function openSafetensors(source: ByteSource): SafetensorsReader {
  checkSource('openSafetensors(source)', source);
  const { name, sizeBytes } = source;
  if (sizeBytes < LENGTH_BYTES) {
    throw new TruncatedDataError('safetensors', name, `${sizeBytes} bytes are no header length`);
  }
  const headerBytes = headerLength(source.read(0, LENGTH_BYTES));
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new CorruptDataError('safetensors', name, `header length ${headerBytes} is over ${MAX_HEADER_BYTES}`);
  }
  const dataStart = LENGTH_BYTES + headerBytes;
  if (dataStart > sizeBytes) {
    throw new TruncatedDataError('safetensors', name, `header ends at byte ${dataStart}, the file at ${sizeBytes}`);
  }
  const header = source.read(LENGTH_BYTES, headerBytes);
  if (header[0] !== BRACE) throw new CorruptDataError('safetensors', name, 'header does not begin with "{"');

  const { metadata, entries } = decodeHeader(header, name, dataStart, sizeBytes - dataStart);
  return {
    metadata,
    warnings: [],
    entries: () => entries.values(),
    entry: (tensor) => entries.get(tensor),
    read(tensor, into) {
      const entry = entries.get(tensor);
      if (entry === undefined) {
        throw new RangeError(`read(name): expected a tensor of ${name}, received ${JSON.stringify(tensor)}`);
      }
      return readEntry(source, entry, into);
    },
  };
}

function headerLength(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, LENGTH_BYTES);
  // Not exact above 2^53, but far above the limit there.
  return view.getUint32(4, true) * 2 ** 32 + view.getUint32(0, true);
}
