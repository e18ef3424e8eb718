import type { OpenedCheckpoint, StoredFile } from '../../../lib/store/checkpoint-store.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A checkpoint whose index says what the data must be, so that half of one, or a mix of two, is found out. */
export function checkpointFiles(prefix: string, content = `weights of ${prefix}`, shards = 1): StoredFile[] {
  const data = encode(content);
  const halves = [data.subarray(0, 5), data.subarray(5)];
  return [
    ...Array.from({ length: shards }, (_, shard) => ({ suffix: shardSuffix(shard, shards), chunks: halves })),
    { suffix: '.index', chunks: [encode([prefix, content, shards].join('\n'))] },
  ];
}

export function verifyCheckpoint({ prefix, files }: OpenedCheckpoint): void {
  const text = (suffix: string): string => {
    const file = files.get(suffix);
    if (file === undefined) throw new Error(`${suffix} is missing`);
    return new TextDecoder().decode(file.read(0, file.sizeBytes));
  };
  const [name, content, shards] = text('.index').split('\n');
  if (name !== prefix) throw new Error(`the index is of ${JSON.stringify(name)}`);
  for (let shard = 0; shard < Number(shards); shard++) {
    const data = text(shardSuffix(shard, Number(shards)));
    if (data !== content) throw new Error(`expected ${JSON.stringify(content)}, received ${JSON.stringify(data)}`);
  }
  if (shards === undefined) throw new Error('the index is cut');
}

function shardSuffix(shard: number, shards: number): string {
  return `.data-${String(shard).padStart(5, '0')}-of-${String(shards).padStart(5, '0')}`;
}
