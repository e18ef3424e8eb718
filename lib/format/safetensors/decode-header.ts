import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { TruncatedDataError } from '../../error/truncated-data-error.js';
import { isSafetensorsDType, safetensorsDTypeInfo } from './safetensors-dtype.js';
import type { SafetensorsEntry } from './safetensors-reader.js';
import { StrictJsonCursor } from './strict-json-cursor.js';

export interface SafetensorsHeader {
  readonly metadata: ReadonlyMap<string, string>;
  /** By name, in the order of the data. */
  readonly entries: ReadonlyMap<string, SafetensorsEntry>;
}

/**
 * Decodes the JSON header and checks that its tensors cover the data exactly: no gap, no overlap, nothing left over.
 *
 * @param dataStart where the data begins in the file, in bytes
 * @param dataBytes how many bytes the file has from there on
 * @throws TruncatedDataError if the tensors end after the file does
 * @throws CorruptDataError for any other fault
 */
export function decodeHeader(
  header: Uint8Array,
  file: string,
  dataStart: number,
  dataBytes: number,
): SafetensorsHeader {
  const json = new StrictJsonCursor(header, 'safetensors', `${file}, header`);
  const metadata = new Map<string, string>();
  const entries: SafetensorsEntry[] = [];
  json.object((name) => {
    if (name === '__metadata__') readMetadata(json, metadata);
    else entries.push(readEntry(json, name, file, dataStart));
  });
  json.end();

  entries.sort((a, b) => a.offset - b.offset || a.sizeBytes - b.sizeBytes);
  checkCover(entries, file, dataStart, dataBytes);
  return { metadata, entries: new Map(entries.map((entry) => [entry.name, entry])) };
}

function readMetadata(json: StrictJsonCursor, metadata: Map<string, string>): void {
  if (json.null()) return;
  json.object((key) => {
    metadata.set(key, json.string());
  });
}

function readEntry(json: StrictJsonCursor, name: string, file: string, dataStart: number): SafetensorsEntry {
  let fileDtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  json.object((field) => {
    if (field === 'dtype') fileDtype = json.string();
    else if (field === 'shape') shape = integers(json);
    else if (field === 'data_offsets') offsets = integers(json);
    else json.skip();
  });

  const fail = (fault: string): never => {
    throw new CorruptDataError('safetensors', whereOf(file, name), fault);
  };
  if (fileDtype === undefined || shape === undefined || offsets === undefined) {
    return fail(
      `no ${fileDtype === undefined ? 'dtype' : shape === undefined ? 'shape' : 'data_offsets'} in the header's entry`,
    );
  }
  if (!isSafetensorsDType(fileDtype)) return fail(`unknown dtype ${JSON.stringify(fileDtype.slice(0, 40))}`);
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length !== 2) {
    return fail(`data_offsets holds ${offsets.length} numbers, expected 2`);
  }
  if (end < begin) return fail(`data_offsets [${begin}, ${end}] end before they begin`);

  const { bits, dtype } = safetensorsDTypeInfo(fileDtype);
  const size = bitsOf(shape, bits);
  if (size === undefined) return fail(`shape [${shape.slice(0, 20).join(', ')}] has too many elements`);
  if (size % 8 !== 0) return fail(`${size} bits of ${fileDtype} do not fill whole bytes`);
  if (end - begin !== size / 8) {
    return fail(
      `data_offsets span ${end - begin} bytes, ${fileDtype} [${shape.slice(0, 20).join(', ')}] needs ${size / 8}`,
    );
  }
  return { name, file, fileDtype, dtype, shape, offset: dataStart + begin, sizeBytes: end - begin };
}

function integers(json: StrictJsonCursor): number[] {
  const values: number[] = [];
  json.array(() => values.push(json.integer()));
  return values;
}

/** The product of `shape` and `bits`; `undefined` if it passes 2^53 on the way, even if a later dimension is 0. */
function bitsOf(shape: readonly number[], bits: number): number | undefined {
  let size = bits;
  let isExact = true;
  for (const dimension of shape) {
    size *= dimension;
    isExact &&= Number.isSafeInteger(size);
  }
  return isExact ? size : undefined;
}

function checkCover(entries: readonly SafetensorsEntry[], file: string, dataStart: number, dataBytes: number): void {
  let end = dataStart;
  for (const { name, offset, sizeBytes } of entries) {
    if (offset > end) {
      throw new CorruptDataError('safetensors', whereOf(file, name), `${offset - end} unused bytes before it`);
    }
    if (offset < end) {
      throw new CorruptDataError('safetensors', whereOf(file, name), 'overlaps the tensor before it');
    }
    end = offset + sizeBytes;
    if (end > dataStart + dataBytes) {
      throw new TruncatedDataError(
        'safetensors',
        whereOf(file, name),
        `it ends at byte ${end}, the file at byte ${dataStart + dataBytes}`,
      );
    }
  }
  const rest = dataStart + dataBytes - end;
  if (rest > 0) throw new CorruptDataError('safetensors', file, `${rest} bytes after the last tensor`);
}

function whereOf(file: string, name: string): string {
  return `${file}, tensor ${JSON.stringify(name.slice(0, 200))}`;
}
