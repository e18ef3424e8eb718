import { createRequire } from 'node:module';
import { type Crc32c, crc32c as plainCrc32c } from '../format/crc32c.js';

const PROBE = new TextEncoder().encode('123456789');

/**
 * The CRC-32C of the package `@node-rs/crc32`, some times faster than our own, if it is installed and computes what ours
 * does; else `undefined`. It is an optional package: `npm install @node-rs/crc32`.
 *
 * @example
 * storeSaver(store, { format: tensorBundle({ crc32c: nativeCrc32c() }) });
 */
export function nativeCrc32c(): Crc32c | undefined {
  try {
    const native: unknown = createRequire(import.meta.url)('@node-rs/crc32');
    const found: unknown = (native as { crc32c?: unknown }).crc32c;
    if (typeof found !== 'function') return undefined;
    const crc32c: Crc32c = (bytes, seed = 0) => found(bytes, seed) as number;
    const isRight = crc32c(PROBE.subarray(4), crc32c(PROBE.subarray(0, 4))) === plainCrc32c(PROBE);
    return isRight ? crc32c : undefined;
  } catch {
    // Not installed, or not for this machine: ours does.
    return undefined;
  }
}
