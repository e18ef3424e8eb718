import type { BundleEntry } from './bundle-entry.js';
import type { BundleShards } from './bundle-shards.js';
import type { BundleIndex } from './index/bundle-index.js';

/**
 * What is unusual about how the tensors lie in their data files, one sentence each: bytes that belong to none or to
 * two. TensorFlow packs tensors without gaps, and reads what is packed otherwise.
 */
export function* layoutWarnings(
  { entries, parts }: BundleIndex,
  shards: BundleShards,
): Generator<string, void, undefined> {
  const byShard = new Map<number, BundleEntry[]>();
  const place = (entry: BundleEntry): void => {
    if (entry.slices.length > 0 || entry.sizeBytes === 0) return;
    const placed = byShard.get(entry.shard);
    if (placed === undefined) byShard.set(entry.shard, [entry]);
    else placed.push(entry);
  };
  for (const entry of entries.values()) place(entry);
  for (const siblings of parts.values()) for (const entry of siblings.values()) place(entry);

  for (const [shard, placed] of [...byShard].sort(([a], [b]) => a - b)) {
    let end = 0;
    for (const { name, offset, sizeBytes } of placed.sort((a, b) => a.offset - b.offset)) {
      if (offset > end) yield `shard ${shard}: ${offset - end} unused bytes before ${JSON.stringify(name)}`;
      if (offset < end) yield `shard ${shard}: ${JSON.stringify(name)} overlaps the tensor before it`;
      end = Math.max(end, offset + sizeBytes);
    }
    const sizeBytes = shards.find(shard)?.sizeBytes ?? end;
    if (sizeBytes > end) yield `shard ${shard}: ${sizeBytes - end} bytes after the last tensor`;
  }
}
