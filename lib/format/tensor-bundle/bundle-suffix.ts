/** What follows the prefix in the name of the index, which makes the checkpoint exist. */
export const BUNDLE_INDEX_SUFFIX = '.index';

/** What follows the prefix in the name of data file `shard` of `shardCount`, counted from 0. */
export function bundleDataSuffix(shard: number, shardCount: number): string {
  return `.data-${fiveDigits(shard)}-of-${fiveDigits(shardCount)}`;
}

function fiveDigits(number: number): string {
  return String(number).padStart(5, '0');
}
