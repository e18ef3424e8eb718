import { CorruptDataError } from '../../../error/corrupt-data-error.js';
import type { ByteSource } from '../../byte-source.js';
import type { Crc32c } from '../../crc32c.js';
import { TableReader } from '../../sstable/table-reader.js';
import type { BundleEntry } from '../bundle-entry.js';
import { decodeSliceKey } from '../slice/slice-key.js';
import { sliceText } from '../slice/tensor-slice.js';
import { decodeBundleHeader } from './bundle-header.js';
import { decodeEntry } from './decode-entry.js';
import { decodeName } from './decode-name.js';

/** A name can be of any length. */
const LONGEST_SHOWN = 200;
const PLAIN = /^[\w ./:-]*$/;

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

  const entries = new Map<string, BundleEntry>();
  const sliceKeys: { key: string; name: string; text: string }[] = [];
  for (const { key, value } of table) {
    const name = decodeName(key);
    entries.set(name, decodeEntry(name, value, entryPlace(file, name), header.shardCount, warnings));
    const decoded = decodeSliceKey(key);
    if (decoded !== undefined) {
      sliceKeys.push({ key: name, name: decodeName(decoded.name), text: sliceText(decoded.slice) });
    }
  }
  const parts = sliceKeys.length === 0 ? new Map<string, never>() : takeParts(entries, sliceKeys);
  return { file, shardCount: header.shardCount, entries, parts, warnings };
}

/**
 * Moves the entries of slices out of `entries`. The key of a slice stands before the tensor that it is a part of, so
 * what is one is only known at the end: a key that no partitioned tensor refers to is the name of a tensor, whatever it
 * looks like.
 */
function takeParts(
  entries: Map<string, BundleEntry>,
  sliceKeys: readonly { key: string; name: string; text: string }[],
): Map<string, Map<string, BundleEntry>> {
  const wanted = new Map<string, Set<string>>();
  for (const { name, slices } of entries.values()) {
    if (slices.length > 0) wanted.set(name, new Set(slices.map(sliceText)));
  }
  const parts = new Map<string, Map<string, BundleEntry>>();
  for (const { key, name, text } of sliceKeys) {
    const part = entries.get(key);
    if (part === undefined || wanted.get(name)?.has(text) !== true) continue;
    const siblings = parts.get(name) ?? new Map<string, BundleEntry>();
    parts.set(name, siblings.set(text, part));
    entries.delete(key);
  }
  for (const [name, siblings] of parts) {
    const entry = entries.get(name);
    let sizeBytes = 0;
    for (const part of siblings.values()) sizeBytes += part.sizeBytes;
    if (entry !== undefined) entries.set(name, { ...entry, sizeBytes });
  }
  return parts;
}

/** Where an entry is, for error texts. */
export function entryPlace(file: string, name: string): string {
  const shown = name.length > LONGEST_SHOWN ? `${name.slice(0, LONGEST_SHOWN)}…` : name;
  // Made for each tensor of a checkpoint, needed for a damaged one: `JSON.stringify` costs ten times as much.
  return PLAIN.test(shown) ? `${file}, tensor "${shown}"` : `${file}, tensor ${JSON.stringify(shown)}`;
}
