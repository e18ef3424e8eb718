import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { ByteSource } from '../../format/byte-source.js';
import { type Crc32c, crc32c as plainCrc32c } from '../../format/crc32c.js';
import { encodeSafetensors } from '../../format/safetensors/encode-safetensors.js';
import { openSafetensors } from '../../format/safetensors/open-safetensors.js';
import type { SafetensorsReader } from '../../format/safetensors/safetensors-reader.js';
import type { OpenedCheckpoint, StoredFile } from '../../store/checkpoint-store.js';
import { GLOBAL_STEP } from '../../tensor/state-snapshot.js';
import type { Tensor } from '../../tensor/tensor.js';
import { type CheckpointRecord, encodeRecord, RECORD_SUFFIX, readRecord } from '../checkpoint-record.js';
import type { CheckpointFormat, CheckpointReader, VerifiedTensor } from './checkpoint-format.js';
import { faultOf } from './fault-of.js';
import { decodeStateJson, encodeStateJson, STATE_JSON } from './state-json.js';
import { stepOf } from './step-of.js';

const FORMAT = 'safetensors';
const SUFFIX = '.safetensors';
const CHECK_BYTES = 1 << 22;

export interface SafetensorsFormatOptions {
  /** A CRC-32C to use. @default the store's, if it offers one, else our own */
  readonly crc32c?: Crc32c | undefined;
}

/**
 * Writes checkpoints as `<prefix>.safetensors`. The format has no checksums, so the record beside it holds that of the
 * whole file, and is the marker. Texts and complex128 tensors do not fit in.
 *
 * @see docs/formats/safetensors.md
 */
export function safetensors({ crc32c: chosen }: SafetensorsFormatOptions = {}): CheckpointFormat {
  return {
    name: FORMAT,
    marker: SUFFIX + RECORD_SUFFIX,
    recognises: (suffixes) => suffixes.has(SUFFIX),

    *encode({ tensors, json }, record, offered): Generator<StoredFile> {
      const crc32c = chosen ?? offered ?? plainCrc32c;
      let sizeBytes = 0;
      let checksum = 0;
      for (const { suffix, chunks } of encodeSafetensors(tensors, {
        metadata: new Map([[STATE_JSON, encodeStateJson(json)]]),
      })) {
        yield {
          suffix,
          chunks: watch(chunks, (chunk) => {
            sizeBytes += chunk.length;
            checksum = crc32c(chunk, checksum);
          }),
        };
      }
      const files = [{ suffix: SUFFIX, sizeBytes, crc32c: checksum }];
      yield { suffix: SUFFIX + RECORD_SUFFIX, chunks: [encodeRecord({ ...record, format: FORMAT, files })] };
    },

    open: (checkpoint, offered) => new SafetensorsCheckpoint(checkpoint, chosen ?? offered ?? plainCrc32c),
  };
}

function* watch(chunks: Iterable<Uint8Array>, look: (chunk: Uint8Array) => void): Generator<Uint8Array> {
  for (const chunk of chunks) {
    look(chunk);
    yield chunk;
  }
}

class SafetensorsCheckpoint implements CheckpointReader {
  readonly record: CheckpointRecord | undefined;
  readonly entries: CheckpointReader['entries'];
  readonly #prefix: string;
  readonly #file: ByteSource;
  readonly #reader: SafetensorsReader;
  readonly #crc32c: Crc32c;

  constructor({ prefix, files }: OpenedCheckpoint, crc32c: Crc32c) {
    this.#prefix = prefix;
    this.#crc32c = crc32c;
    const file = files.get(SUFFIX);
    if (file === undefined) throw new CorruptDataError(FORMAT, prefix, `${prefix}${SUFFIX} is missing`);
    this.#file = file;
    const record = files.get(SUFFIX + RECORD_SUFFIX);
    this.record = record && readRecord(record);
    const recorded = this.record?.files.find(({ suffix }) => suffix === SUFFIX);
    if (this.record !== undefined && (this.record.format !== FORMAT || recorded?.crc32c === undefined)) {
      throw new CorruptDataError(FORMAT, prefix, 'its record has no checksum of a safetensors file');
    }
    if (recorded !== undefined && recorded.sizeBytes !== file.sizeBytes) {
      throw new CorruptDataError(FORMAT, file.name, `${file.sizeBytes} bytes, its record says ${recorded.sizeBytes}`);
    }
    this.#reader = openSafetensors(file);
    this.entries = [...this.#reader.entries()].map(({ name, dtype, fileDtype, shape, sizeBytes }) => ({
      name,
      dtype,
      storedDtype: fileDtype,
      shape,
      sizeBytes,
      crc32c: undefined,
    }));
  }

  read(name: string): Tensor {
    return this.#reader.read(name);
  }

  snapshot(): ReturnType<CheckpointReader['snapshot']> {
    this.#checkFile();
    const tensors = new Map<string, Tensor>();
    for (const { name, sizeBytes } of this.entries)
      tensors.set(name, this.#reader.read(name, new Uint8Array(sizeBytes)));
    const json = this.#reader.metadata.get(STATE_JSON);
    return {
      globalStep: this.record?.globalStep ?? stepOf(this.#prefix, tensors.get(GLOBAL_STEP)),
      tensors,
      json: json === undefined ? null : decodeStateJson(new TextEncoder().encode(json), this.#file.name),
    };
  }

  *verify(): Generator<VerifiedTensor> {
    for (const { name } of this.entries) yield { name, fault: faultOf(() => this.#reader.read(name)) };
    yield { name: undefined, fault: faultOf(() => this.#checkFile()) };
  }

  /** Compares the file with the checksum that its record has of it. */
  #checkFile(): void {
    const expected = this.record?.files.find(({ suffix }) => suffix === SUFFIX)?.crc32c;
    if (expected === undefined) return;
    let checksum = 0;
    for (let offset = 0; offset < this.#file.sizeBytes; offset += CHECK_BYTES) {
      const length = Math.min(CHECK_BYTES, this.#file.sizeBytes - offset);
      checksum = this.#crc32c(this.#file.read(offset, length), checksum);
    }
    if (checksum !== expected) {
      throw new CorruptDataError(FORMAT, this.#file.name, 'checksum mismatch between the file and its record');
    }
  }
}
