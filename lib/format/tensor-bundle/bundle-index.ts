import { CorruptDataError } from '../../error/corrupt-data-error.js';
import type { ByteSource } from '../byte-source.js';
import type { Crc32c } from '../crc32c.js';
import { TableReader } from '../sstable/table-reader.js';
import type { BundleEntry } from './bundle-entry.js';
import { decodeBundleHeader } from './bundle-header.js';
import { decodeEntry } from './decode-entry.js';
import { decodeName } from './decode-name.js';
import { decodeSliceKey } from './slice-key.js';
import { sliceText } from './tensor-slice.js';

/** All that the `.index` file says. */
export interface BundleIndex {
  /** The file's name, for error texts. */
  readonly file: string;
  readonly shardCount: number;
  /** By name, in the order of the keys. */
  readonly entries: ReadonlyMap<string, BundleEntry>;
  /** The entries of the slices of partitioned tensors: by the tensor's name, then by the slice's text. */
  readonly parts: ReadonlyMap<string, ReadonlyMap<string, BundleEntry>>;
  readonly warnings: readonly string[];
}

/**
 * Reads the whole index and checks all of it; the data files are not looked at.
 *
 * @throws TruncatedDataError if the file is too short for a table
 * @throws CorruptDataError if the table or the header is damaged
 * @throws UnsupportedDataError as the header wants it
 */
export function decodeBundleIndex(source: ByteSource, crc32c: Crc32c | undefined): BundleIndex {
  const file = source.name;
  const table = new TableReader(source, { crc32c }).entries();
  const first = table.next();
  if (first.done === true || first.value.key.length > 0) {
    throw new CorruptDataError('tensor-bundle', file, 'the header is missing: the first key is not the empty one');
  }
  const header = decodeBundleHeader(first.value.value, file);
  const warnings = header.hasUnknownFields ? ['header: unknown fields'] : [];

  const rows: { entry: BundleEntry; part: { name: string; text: string } | undefined }[] = [];
  const partitioned = new Map<string, Map<string, BundleEntry | undefined>>();
  for (const { key, value } of table) {
    const name = decodeName(key);
    const { hasUnknownFields, ...fields } = decodeEntry(value, entryPlace(file, name), header.shardCount);
    const entry: BundleEntry = { name, ...fields };
    if (hasUnknownFields) warnings.push(`${name}: unknown fields`);
    if (entry.slices.length > 0) {
      partitioned.set(name, new Map(entry.slices.map((slice) => [sliceText(slice), undefined])));
    }
    const slice = decodeSliceKey(key);
    rows.push({ entry, part: slice && { name: decodeName(slice.name), text: sliceText(slice.slice) } });
  }

  // A key of a slice stands before the tensor that it is a part of, so what is one is only known now: a key that no
  // partitioned tensor names is the name of a tensor, whatever it looks like.
  const entries = new Map<string, BundleEntry>();
  const parts = new Map<string, Map<string, BundleEntry>>();
  for (const { entry, part } of rows) {
    if (part !== undefined && partitioned.get(part.name)?.has(part.text)) {
      const siblings = parts.get(part.name) ?? new Map<string, BundleEntry>();
      parts.set(part.name, siblings.set(part.text, entry));
    } else {
      entries.set(entry.name, entry);
    }
  }
  for (const [name, siblings] of parts) {
    const entry = entries.get(name);
    let sizeBytes = 0;
    for (const part of siblings.values()) sizeBytes += part.sizeBytes;
    if (entry !== undefined) entries.set(name, { ...entry, sizeBytes });
  }
  return { file, shardCount: header.shardCount, entries, parts, warnings };
}

/** Where an entry is, for error texts. */
export function entryPlace(file: string, name: string): string {
  return `${file}, tensor ${JSON.stringify(name)}`;
}
