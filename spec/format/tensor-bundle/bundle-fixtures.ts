import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bytesSource } from '../../../lib/format/byte-source.js';
import type { BundleReader } from '../../../lib/format/tensor-bundle/bundle-reader.js';
import { openBundle } from '../../../lib/format/tensor-bundle/open-bundle.js';

/** Files that TensorFlow wrote, and what it says of them; see the README there. */
const root = fileURLToPath(new URL('../../../../shared/fixtures/', import.meta.url));

export interface ExpectedTensor {
  readonly name: string;
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly sha256: string | null;
}

export interface BundleFixture {
  /** Such as `bundles/dtypes/ckpt`. */
  readonly prefix: string;
  readonly expected: readonly ExpectedTensor[];
}

/** Every bundle of a folder of fixtures, with what is expected of it. */
export function bundleFixtures(folder: string, expectedFolder: string): BundleFixture[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.index') && existsSync(join(root, expectedFolder, jsonOf(file))))
    .sort()
    .map((file) => ({
      prefix: join(folder, file.slice(0, -'.index'.length)),
      expected: JSON.parse(readFileSync(join(root, expectedFolder, jsonOf(file)), 'utf8')).tensors,
    }));
}

export function fixtureFile(path: string): Uint8Array {
  return new Uint8Array(readFileSync(join(root, path)));
}

export function openFixture(prefix: string): BundleReader {
  return openBundle(bytesSource(`${prefix}.index`, fixtureFile(`${prefix}.index`)), (suffix) =>
    existsSync(join(root, prefix + suffix)) ? bytesSource(prefix + suffix, fixtureFile(prefix + suffix)) : undefined,
  );
}

function jsonOf(file: string): string {
  return file.replace(/\.index$/, '.json');
}
