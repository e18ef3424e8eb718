import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { UnsupportedDataError } from '../../error/unsupported-data-error.js';
import type { FixedTensor, Tensor } from '../../tensor/tensor.js';
import { tensorBytes } from '../../tensor/tensor.js';
import { compareUtf8 } from '../compare-utf8.js';
import type { FilePart } from '../file-part.js';
import { isWellFormed } from '../is-well-formed.js';
import { packChunks } from '../pack-chunks.js';
import { MAX_HEADER_BYTES } from './open-safetensors.js';
import { type SafetensorsDType, safetensorsDTypeInfo, safetensorsDTypeOf } from './safetensors-dtype.js';

const LENGTH_BYTES = 8;
const ALIGNMENT = 8;
const SPACE = 0x20;
/** Small enough to be in the processor's cache still when it is written, after somebody looked at it. */
const PIECE_BYTES = 1 << 20;

export interface EncodeSafetensorsOptions {
  /** Texts for `__metadata__`, in this order; none and an empty one write nothing. PyTorch wants `{ format: 'pt' }`. */
  readonly metadata?: ReadonlyMap<string, string> | Readonly<Record<string, string>> | undefined;
  /**
   * Shown every byte of the file once, in order, right before it is in a chunk: the header without a `name`, then each
   * tensor, in one piece or several. For checksums, which the format has none of.
   */
  readonly look?: ((piece: Uint8Array, name: string | undefined) => void) | undefined;
}

const OPTIONS: OptionNames<EncodeSafetensorsOptions> = { metadata: true, look: true };

interface Placed {
  readonly name: string;
  readonly tensor: FixedTensor;
  readonly fileDtype: SafetensorsDType;
  readonly rank: number;
  readonly sizeBytes: number;
}

/**
 * Encodes tensors as one safetensors file, `<prefix>.safetensors`, byte for byte as the reference writer does.
 *
 * The header is planned at once, from dtypes and shapes alone. The elements follow as the chunks are pulled: each
 * tensor's `bytes` is read once, when its turn comes, and a large one passes through as views without a copy.
 *
 * @param tensors by name, in any order: the file's order is by alignment, then by name
 * @throws UnsupportedDataError if the format has no such element type, or the header would pass its limit
 * @throws RangeError if a name is `__metadata__`, no valid Unicode or comes twice; later, from the chunks, if the bytes
 *   of a tensor are not as many as its shape says
 *
 * @see docs/formats/safetensors.md
 */
export function encodeSafetensors(
  tensors: Iterable<readonly [string, Tensor]>,
  options: EncodeSafetensorsOptions = {},
): Generator<FilePart, void, undefined> {
  checkOptions('encodeSafetensors(options)', options, OPTIONS);
  const { metadata, look = () => {} } = options;
  const placed = place(tensors);
  const header = encodeHeader(placed, metadata);
  return parts(header, placed, look);
}

type Look = NonNullable<EncodeSafetensorsOptions['look']>;

function* parts(header: Uint8Array, placed: readonly Placed[], look: Look): Generator<FilePart, void, undefined> {
  yield { suffix: '.safetensors', chunks: packChunks(pieces(header, placed, look)) };
}

function* pieces(header: Uint8Array, placed: readonly Placed[], look: Look): Generator<Uint8Array, void, undefined> {
  look(header, undefined);
  yield header;
  for (const { name, tensor, sizeBytes } of placed) {
    const { bytes } = tensor;
    if (bytes.length !== sizeBytes) {
      throw new RangeError(
        `encodeSafetensors(tensors): expected ${sizeBytes} bytes in ${JSON.stringify(name)}, received ${bytes.length}`,
      );
    }
    // An empty tensor is shown, too.
    for (let at = 0; at === 0 || at < sizeBytes; at += PIECE_BYTES) {
      const piece = sizeBytes <= PIECE_BYTES ? bytes : bytes.subarray(at, at + PIECE_BYTES);
      look(piece, name);
      yield piece;
    }
  }
}

/** In the order of the file: largest alignment first, then by name. */
function place(tensors: Iterable<readonly [string, Tensor]>): Placed[] {
  const names = new Set<string>();
  const placed: Placed[] = [];
  for (const [name, tensor] of tensors) {
    if (names.has(name)) refuseName('names that differ', name, ' twice');
    if (name === '__metadata__') refuseName('another name than the reserved one', name);
    if (!isWellFormed(name)) refuseName('names of valid Unicode', name);
    names.add(name);
    const fileDtype = safetensorsDTypeOf(tensor.dtype);
    if (tensor.dtype === 'string' || fileDtype === undefined) {
      throw new UnsupportedDataError(
        'safetensors',
        `tensor ${JSON.stringify(name)}`,
        `the format cannot hold ${tensor.dtype} elements`,
        { hint: 'Convert the tensor, or save in the tensor bundle format.' },
      );
    }
    const { rank } = safetensorsDTypeInfo(fileDtype);
    placed.push({ name, tensor, fileDtype, rank, sizeBytes: tensorBytes(tensor.dtype, tensor.shape) });
  }
  return placed.sort((a, b) => b.rank - a.rank || compareUtf8(a.name, b.name));
}

function refuseName(expected: string, name: string, suffix = ''): never {
  throw new RangeError(`encodeSafetensors(tensors): expected ${expected}, received ${JSON.stringify(name)}${suffix}`);
}

/** The length and the JSON, padded with spaces so that the data begins on a multiple of 8. */
function encodeHeader(placed: readonly Placed[], metadata: EncodeSafetensorsOptions['metadata']): Uint8Array {
  const fields: string[] = [];
  const texts = metadata instanceof Map ? [...metadata] : Object.entries(metadata ?? {});
  if (texts.length > 0) {
    fields.push(`"__metadata__":{${texts.map(([key, text]) => `${quote(key)}:${quote(text)}`).join(',')}}`);
  }
  let begin = 0;
  for (const { name, tensor, fileDtype, sizeBytes } of placed) {
    const end = begin + sizeBytes;
    fields.push(
      `${JSON.stringify(name)}:{"dtype":"${fileDtype}","shape":[${tensor.shape.join(',')}],"data_offsets":[${begin},${end}]}`,
    );
    begin = end;
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const headerBytes = Math.ceil(json.length / ALIGNMENT) * ALIGNMENT;
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new UnsupportedDataError('safetensors', 'header', `${headerBytes} bytes are over ${MAX_HEADER_BYTES}`);
  }
  const header = new Uint8Array(LENGTH_BYTES + headerBytes).fill(SPACE);
  new DataView(header.buffer).setBigUint64(0, BigInt(headerBytes), true);
  header.set(json, LENGTH_BYTES);
  return header;
}

/** As serde_json writes it: `JSON.stringify` escapes the same characters in the same way. */
function quote(text: unknown): string {
  if (typeof text !== 'string' || !isWellFormed(text)) {
    throw new TypeError(
      `encodeSafetensors(options): expected metadata of valid Unicode texts, received ${String(text)}`,
    );
  }
  return JSON.stringify(text);
}
