import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { ByteSource } from '../../format/byte-source.js';
import { type Crc32c, crc32c as plainCrc32c } from '../../format/crc32c.js';
import { encodeSafetensors } from '../../format/safetensors/encode-safetensors.js';
import { openSafetensors } from '../../format/safetensors/open-safetensors.js';
import type { SafetensorsEntry, SafetensorsReader } from '../../format/safetensors/safetensors-reader.js';
import type { OpenedCheckpoint, StoredFile } from '../../store/checkpoint-store.js';
import { GLOBAL_STEP } from '../../tensor/state-snapshot.js';
import type { FixedTensor, Tensor } from '../../tensor/tensor.js';
import { type CheckpointRecord, encodeRecord, RECORD_SUFFIX, readRecord } from '../checkpoint-record.js';
import type { CheckpointFormat, CheckpointReader, VerifiedTensor } from './checkpoint-format.js';
import { faultOf } from './fault-of.js';
import { decodeStateJson, encodeStateJson, STATE_JSON } from './state-json.js';
import { stepOf } from './step-of.js';

const FORMAT = 'safetensors';
const SUFFIX = '.safetensors';
const CHECK_BYTES = 4 << 20;

export interface SafetensorsFormatOptions {
  /** A CRC-32C to use. @default the store's, if it offers one, else our own */
  readonly crc32c?: Crc32c | undefined;
}

const OPTIONS: OptionNames<SafetensorsFormatOptions> = { crc32c: true };

/**
 * Writes checkpoints as `<prefix>.safetensors`. The format has no checksums, so the record beside it holds those of the
 * header and of each tensor, and is the marker. Texts and complex128 tensors do not fit in.
 *
 * @see docs/formats/safetensors.md
 */
export function safetensors(options: SafetensorsFormatOptions = {}): CheckpointFormat {
  checkOptions('safetensors(options)', options, OPTIONS);
  const { crc32c: chosen } = options;
  return {
    name: FORMAT,
    marker: SUFFIX + RECORD_SUFFIX,
    recognises: (suffixes) => suffixes.has(SUFFIX),

    *encode({ tensors, json }, record, offered): Generator<StoredFile> {
      const crc32c = chosen ?? offered ?? plainCrc32c;
      const partCrc32c: number[] = [];
      let sizeBytes = 0;
      let checksum = 0;
      let part: string | undefined;
      yield* encodeSafetensors(tensors, {
        metadata: new Map([[STATE_JSON, encodeStateJson(json)]]),
        look: (piece, name) => {
          if (name !== part) {
            partCrc32c.push(checksum);
            checksum = 0;
            part = name;
          }
          checksum = crc32c(piece, checksum);
          sizeBytes += piece.length;
        },
      });
      partCrc32c.push(checksum);
      const files = [{ suffix: SUFFIX, sizeBytes, partCrc32c }];
      yield { suffix: SUFFIX + RECORD_SUFFIX, chunks: [encodeRecord({ ...record, format: FORMAT, files })] };
    },

    open: (checkpoint, offered) => new SafetensorsCheckpoint(checkpoint, chosen ?? offered ?? plainCrc32c),
  };
}

class SafetensorsCheckpoint implements CheckpointReader {
  readonly record: CheckpointRecord | undefined;
  readonly entries: CheckpointReader['entries'];
  readonly #prefix: string;
  readonly #file: ByteSource;
  readonly #reader: SafetensorsReader;
  readonly #crc32c: Crc32c;
  /** Of each tensor by name; empty if another program wrote the file. */
  readonly #checksums = new Map<string, number>();

  constructor({ prefix, files }: OpenedCheckpoint, crc32c: Crc32c) {
    this.#prefix = prefix;
    this.#crc32c = crc32c;
    const file = files.get(SUFFIX);
    if (file === undefined) throw new CorruptDataError(FORMAT, prefix, `${prefix}${SUFFIX} is missing`);
    this.#file = file;
    const record = files.get(SUFFIX + RECORD_SUFFIX);
    this.record = record && readRecord(record);
    const checksums = this.record === undefined ? undefined : this.#recorded(this.record);
    this.#reader = openSafetensors(file);
    const entries = [...this.#reader.entries()];
    if (checksums !== undefined) this.#match(checksums, entries);
    this.entries = entries.map(({ name, dtype, fileDtype, shape, sizeBytes }) => ({
      name,
      dtype,
      storedDtype: fileDtype,
      shape,
      sizeBytes,
      crc32c: this.#checksums.get(name),
    }));
  }

  read(name: string): Tensor {
    return this.#verified(this.#reader.read(name), name);
  }

  snapshot(): ReturnType<CheckpointReader['snapshot']> {
    const tensors = new Map<string, Tensor>();
    for (const { name, sizeBytes } of this.entries) {
      tensors.set(name, this.#verified(this.#reader.read(name, new Uint8Array(sizeBytes)), name));
    }
    const json = this.#reader.metadata.get(STATE_JSON);
    return {
      globalStep: this.record?.globalStep ?? stepOf(this.#prefix, tensors.get(GLOBAL_STEP)),
      tensors,
      json: json === undefined ? null : decodeStateJson(new TextEncoder().encode(json), this.#file.name),
    };
  }

  *verify(): Generator<VerifiedTensor> {
    for (const entry of this.#reader.entries()) yield { name: entry.name, fault: faultOf(() => this.#check(entry)) };
  }

  /** What the record knows of the file. @throws CorruptDataError if that is not what the file is */
  #recorded({ format, files }: CheckpointRecord): readonly number[] {
    const { partCrc32c, sizeBytes } = files.find(({ suffix }) => suffix === SUFFIX) ?? {};
    if (format !== FORMAT || partCrc32c === undefined) {
      throw new CorruptDataError(FORMAT, this.#prefix, 'its record has no checksums of a safetensors file');
    }
    if (sizeBytes !== this.#file.sizeBytes) {
      throw new CorruptDataError(
        FORMAT,
        this.#file.name,
        `${this.#file.sizeBytes} bytes, its record says ${sizeBytes}`,
      );
    }
    return partCrc32c;
  }

  /** Gives each tensor its checksum, once the header, which says where tensors are, is verified. */
  #match([header, ...checksums]: readonly number[], entries: readonly SafetensorsEntry[]): void {
    const headerBytes = entries[0]?.offset ?? this.#file.sizeBytes;
    if (checksums.length !== entries.length || this.#crc32c(this.#file.read(0, headerBytes)) !== header) {
      throw new CorruptDataError(FORMAT, this.#file.name, 'checksum mismatch between the header and the record');
    }
    for (const [i, { name }] of entries.entries()) this.#checksums.set(name, checksums[i] as number);
  }

  #verified(tensor: FixedTensor, name: string): Tensor {
    this.#compare(name, this.#crc32c(tensor.bytes));
    return tensor;
  }

  /** Does what {@link read} does without the whole tensor in memory. */
  #check({ name, dtype, offset, sizeBytes }: SafetensorsEntry): void {
    if (dtype === undefined) this.#reader.read(name);
    let checksum = 0;
    for (let at = 0; at < sizeBytes; at += CHECK_BYTES) {
      checksum = this.#crc32c(this.#file.read(offset + at, Math.min(CHECK_BYTES, sizeBytes - at)), checksum);
    }
    this.#compare(name, checksum);
  }

  #compare(name: string, checksum: number): void {
    const expected = this.#checksums.get(name);
    if (expected === undefined || expected === checksum) return;
    throw new CorruptDataError(
      FORMAT,
      `${this.#file.name}, tensor ${JSON.stringify(name)}`,
      'checksum mismatch between the tensor and the record',
    );
  }
}
