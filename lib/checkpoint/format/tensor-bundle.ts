import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { Crc32c } from '../../format/crc32c.js';
import type { BundleReader } from '../../format/tensor-bundle/bundle-reader.js';
import { encodeBundle } from '../../format/tensor-bundle/encode-bundle.js';
import { openBundle } from '../../format/tensor-bundle/open-bundle.js';
import type { OpenedCheckpoint, StoredFile } from '../../store/checkpoint-store.js';
import { DTYPES, type DType } from '../../tensor/dtype.js';
import { makeStringTensor } from '../../tensor/make-tensor.js';
import { GLOBAL_STEP } from '../../tensor/state-snapshot.js';
import type { Tensor, Tensors } from '../../tensor/tensor.js';
import { type CheckpointRecord, encodeRecord, RECORD_SUFFIX, readRecord } from '../checkpoint-record.js';
import type { CheckpointFormat, CheckpointReader, VerifiedTensor } from './checkpoint-format.js';
import { faultOf } from './fault-of.js';
import { decodeStateJson, encodeStateJson, STATE_JSON } from './state-json.js';
import { stepOf } from './step-of.js';

const FORMAT = 'tensor-bundle';
const INDEX_SUFFIX = '.index';
const KNOWN_DTYPES: ReadonlySet<string> = new Set(DTYPES);

export interface TensorBundleFormatOptions {
  /** A CRC-32C to use. @default the store's, if it offers one, else our own */
  readonly crc32c?: Crc32c | undefined;
}

const OPTIONS: OptionNames<TensorBundleFormatOptions> = { crc32c: true };

/**
 * Writes checkpoints as TensorFlow's V2 tensor bundles, which Python's TensorFlow reads, and reads those that
 * TensorFlow wrote. The state that is not tensors is the scalar string `_tidemark/state`; the record is a side file,
 * written before the index, which is the marker for TensorFlow too.
 *
 * @see docs/formats/tensor-bundle.md
 */
export function tensorBundle(options: TensorBundleFormatOptions = {}): CheckpointFormat {
  checkOptions('tensorBundle(options)', options, OPTIONS);
  const { crc32c: chosen } = options;
  return {
    name: FORMAT,
    marker: INDEX_SUFFIX,
    recognises: (suffixes) => suffixes.has(INDEX_SUFFIX),

    *encode({ tensors, json }, record, offered): Generator<StoredFile> {
      const files: { suffix: string; sizeBytes: number }[] = [];
      const state = makeStringTensor([], [encodeStateJson(json)]);
      for (const { suffix, chunks } of encodeBundle(withState(tensors, state), { crc32c: chosen ?? offered })) {
        if (suffix === INDEX_SUFFIX) {
          yield { suffix: RECORD_SUFFIX, chunks: [encodeRecord({ ...record, format: FORMAT, files })] };
          yield { suffix, chunks };
          continue;
        }
        const file = { suffix, sizeBytes: 0 };
        files.push(file);
        yield { suffix, chunks: measure(chunks, file) };
      }
    },

    open: (checkpoint, offered) => new BundleCheckpoint(checkpoint, { crc32c: chosen ?? offered }),
  };
}

/** A state with a tensor of that name is refused, for then the name comes twice. */
function* withState(tensors: Tensors, state: Tensor): Generator<readonly [string, Tensor]> {
  yield* tensors;
  yield [STATE_JSON, state];
}

function* measure(chunks: Iterable<Uint8Array>, file: { sizeBytes: number }): Generator<Uint8Array> {
  for (const chunk of chunks) {
    file.sizeBytes += chunk.length;
    yield chunk;
  }
}

class BundleCheckpoint implements CheckpointReader {
  readonly record: CheckpointRecord | undefined;
  readonly #prefix: string;
  readonly #bundle: BundleReader;
  #entries: CheckpointReader['entries'] | undefined;

  constructor({ prefix, files }: OpenedCheckpoint, options: TensorBundleFormatOptions) {
    this.#prefix = prefix;
    const index = files.get(INDEX_SUFFIX);
    if (index === undefined) throw new CorruptDataError(FORMAT, prefix, `${prefix}${INDEX_SUFFIX} is missing`);
    this.#bundle = openBundle(index, (suffix) => files.get(suffix), options);
    const record = files.get(RECORD_SUFFIX);
    this.record = record && readRecord(record);
    if (this.record !== undefined && this.record.format !== FORMAT) {
      throw new CorruptDataError(FORMAT, prefix, `its record is of the format ${this.record.format}`);
    }
    for (const { suffix, sizeBytes } of this.record?.files ?? []) {
      const found = files.get(suffix)?.sizeBytes;
      if (found !== sizeBytes) {
        const fault = found === undefined ? 'is missing' : `has ${found} bytes, its record says ${sizeBytes}`;
        throw new CorruptDataError(FORMAT, prefix, `${prefix}${suffix} ${fault}`);
      }
    }
  }

  get entries(): CheckpointReader['entries'] {
    this.#entries ??= [...this.#bundle.entries()].map(({ name, dtype, shape, sizeBytes, crc32c }) => ({
      name,
      dtype: isDType(dtype) ? dtype : undefined,
      storedDtype: dtype,
      shape,
      sizeBytes,
      crc32c,
    }));
    return this.#entries;
  }

  read(name: string): Tensor {
    return this.#bundle.read(name);
  }

  snapshot(): ReturnType<CheckpointReader['snapshot']> {
    this.#checkStep();
    const tensors = this.#bundle.readAll();
    const state = tensors.get(STATE_JSON);
    tensors.delete(STATE_JSON);
    return {
      globalStep: this.record?.globalStep ?? stepOf(this.#prefix, tensors.get(GLOBAL_STEP)),
      tensors,
      json: state === undefined ? null : this.#stateJson(state),
    };
  }

  *verify(): Generator<VerifiedTensor> {
    // Piece by piece: a checkpoint of any size takes little memory.
    yield* this.#bundle.verify();
    yield { name: undefined, fault: faultOf(() => this.#checkStep()) };
  }

  #stateJson(tensor: Tensor): ReturnType<typeof decodeStateJson> {
    const where = `${this.#prefix}, tensor ${STATE_JSON}`;
    const text = tensor.dtype === 'string' && tensor.values.length === 1 ? tensor.values[0] : undefined;
    if (text === undefined) throw new CorruptDataError(FORMAT, where, 'not a scalar string');
    return decodeStateJson(text, where);
  }

  /** A record that was put beside another checkpoint's files shows by its step. */
  #checkStep(): void {
    if (this.record === undefined || this.#bundle.entry(GLOBAL_STEP) === undefined) return;
    const stored = stepOf(this.#prefix, this.#bundle.read(GLOBAL_STEP));
    if (stored !== this.record.globalStep) {
      throw new CorruptDataError(
        FORMAT,
        this.#prefix,
        `${GLOBAL_STEP} is ${stored}, its record says ${this.record.globalStep}`,
      );
    }
  }
}

function isDType(text: string): text is DType {
  return KNOWN_DTYPES.has(text);
}
