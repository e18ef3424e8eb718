import { compareUtf8 } from '../compare-utf8.js';
import { isWellFormed } from '../is-well-formed.js';
import { isPlainFileName, type ShardIndex } from './shard-index.js';

/**
 * Encodes the index of a sharded set as Hugging Face's tools do: `json.dumps(…, indent=2, sort_keys=True)` and a
 * newline. Write it after the shards.
 *
 * @throws RangeError if a file's name is a path, or a name is no valid Unicode
 */
export function encodeShardIndex({ totalSizeBytes, totalParameters, weightMap }: ShardIndex): Uint8Array {
  const metadata: string[] = [];
  if (totalParameters !== undefined) metadata.push(`    "total_parameters": ${totalParameters}`);
  if (totalSizeBytes !== undefined) metadata.push(`    "total_size": ${totalSizeBytes}`);
  // An object would put names such as "7" first.
  const weights = [...weightMap]
    .sort(([a], [b]) => compareUtf8(a, b))
    .map(([name, file]) => {
      if (!isPlainFileName(file)) {
        throw new RangeError(
          `encodeShardIndex(index): expected a file name without a path, received ${JSON.stringify(file)}`,
        );
      }
      return `    ${quote(name)}: ${quote(file)}`;
    });
  return new TextEncoder().encode(`{\n  "metadata": ${block(metadata)},\n  "weight_map": ${block(weights)}\n}\n`);
}

function block(lines: readonly string[]): string {
  return lines.length === 0 ? '{}' : `{\n${lines.join(',\n')}\n  }`;
}

/** As Python's `json` does by default: ASCII only. */
function quote(text: string): string {
  if (!isWellFormed(text)) {
    throw new RangeError(`encodeShardIndex(index): expected names of valid Unicode, received ${JSON.stringify(text)}`);
  }
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
