import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { isPlainFileName, type ShardIndex } from './shard-index.js';
import { StrictJsonCursor } from './strict-json-cursor.js';

const FORMAT = 'safetensors-index';
/** As for the header of one file. */
const MAX_INDEX_BYTES = 100_000_000;

/**
 * Decodes the index of a sharded set. Fields that it does not know are passed over.
 *
 * @param file for error texts
 * @throws CorruptDataError if it is no JSON, has a key twice, has no `weight_map`, or a file's name in it is a path
 */
export function decodeShardIndex(bytes: Uint8Array, file = 'model.safetensors.index.json'): ShardIndex {
  if (bytes.length > MAX_INDEX_BYTES) {
    throw new CorruptDataError(FORMAT, file, `${bytes.length} bytes are over ${MAX_INDEX_BYTES}`);
  }
  const json = new StrictJsonCursor(bytes, FORMAT, file);
  let totalSizeBytes: number | undefined;
  let totalParameters: number | undefined;
  let weightMap: Map<string, string> | undefined;
  const readMetadata = (): void =>
    json.object((key) => {
      // Older writers counted a bool as an eighth of a byte and wrote a fraction.
      if (key === 'total_size') totalSizeBytes = json.number();
      else if (key === 'total_parameters') totalParameters = json.number();
      else json.skip();
    });
  const readWeightMap = (): Map<string, string> => {
    const map = new Map<string, string>();
    json.object((tensor) => {
      const shard = json.string();
      if (!isPlainFileName(shard)) json.fail(`${JSON.stringify(shard.slice(0, 200))} is no plain file name`);
      map.set(tensor, shard);
    });
    return map;
  };
  json.object((key) => {
    if (key === 'metadata') {
      if (!json.null()) readMetadata();
    } else if (key === 'weight_map') weightMap = readWeightMap();
    else json.skip();
  });
  json.end();
  if (weightMap === undefined) throw new CorruptDataError(FORMAT, file, 'no weight_map');
  return { totalSizeBytes, totalParameters, weightMap };
}
