import { checkFunction } from '../../error/check-function.js';
import { checkOptions, type OptionNames } from '../../error/check-options.js';
import { checkSource } from '../check-source.js';
// A tensor bundle, TensorFlow's V2 checkpoint: an index and data files with one prefix.
//
//     <prefix>.index                 a table: the header under the empty key, then one entry a tensor under its name
//     <prefix>.data-SSSSS-of-NNNNN   the elements, little-endian, one tensor after another
//
// Source: TensorFlow, tensorflow/core/util/tensor_bundle/. Prose: docs/formats/tensor-bundle.md.

import type { ByteSource } from '../byte-source.js';
import { type Crc32c, crc32c as crc32cOfOurs } from '../crc32c.js';
import { BundleReader } from './bundle-reader.js';
import { BundleShards, type OpenShard } from './bundle-shards.js';
import { decodeBundleIndex } from './index/bundle-index.js';

export interface OpenBundleOptions {
  /** A faster CRC-32C, such as a native one. Default: one in JavaScript. */
  readonly crc32c?: Crc32c | undefined;
}

const OPTIONS: OptionNames<OpenBundleOptions> = { crc32c: true };

/**
 * Opens a bundle: reads and checks its whole index, and no data.
 *
 * @param index the `.index` file
 * @param shard the data file of a suffix such as `.data-00000-of-00001`, asked for when a tensor in it is read;
 *   `undefined` if there is none
 * @throws TruncatedDataError if the index is too short for one
 * @throws CorruptDataError if the index is damaged
 * @throws UnsupportedDataError if the bundle is big-endian, or says that it is for newer readers
 */
export function openBundle(index: ByteSource, shard: OpenShard, options: OpenBundleOptions = {}): BundleReader {
  checkSource('openBundle(index)', index);
  checkFunction('openBundle(shard)', shard);
  checkOptions('openBundle(options)', options, OPTIONS);
  const { crc32c = crc32cOfOurs } = options;
  const decoded = decodeBundleIndex(index, crc32c);
  return new BundleReader({ index: decoded, shards: new BundleShards(shard, decoded.shardCount), crc32c });
}
