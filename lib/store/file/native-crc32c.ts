import { createRequire } from 'node:module';

/** Continues a CRC-32C over more bytes. */
type Crc32c = (bytes: Uint8Array, seed?: number) => number;

const PROBE = new TextEncoder().encode('123456789');
/** RFC 3720's check value. */
const PROBE_CRC = 0xe3069283;

let loaded: { readonly crc32c: Crc32c | undefined } | undefined;

/**
 * The CRC-32C of the package `@node-rs/crc32`, some times faster than our own, if it is installed and computes what it
 * should; else `undefined`. It is an optional package: `npm install @node-rs/crc32`. A {@link fileStore} offers it to
 * the formats by itself.
 *
 * @example
 * const bundle = openBundle(index, shard, { crc32c: nativeCrc32c() });
 */
export function nativeCrc32c(): Crc32c | undefined {
  loaded ??= { crc32c: load() };
  return loaded.crc32c;
}

function load(): Crc32c | undefined {
  try {
    const native: unknown = createRequire(import.meta.url)('@node-rs/crc32');
    const found: unknown = (native as { crc32c?: unknown }).crc32c;
    if (typeof found !== 'function') return undefined;
    const crc32c: Crc32c = (bytes, seed = 0) => found(bytes, seed) as number;
    return crc32c(PROBE.subarray(4), crc32c(PROBE.subarray(0, 4))) === PROBE_CRC ? crc32c : undefined;
  } catch {
    // Not installed, or not for this machine: ours does.
    return undefined;
  }
}
