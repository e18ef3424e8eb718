import { readFileSync } from 'node:fs';

/** The versions that every record names. */
export function ownVersions(): Readonly<Record<string, string>> {
  return { tidemark: tidemarkVersion(), node: process.versions.node };
}

function tidemarkVersion(): string {
  try {
    const manifest: unknown = JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8'));
    return String((manifest as { version?: unknown }).version);
  } catch {
    // Bundled, and so apart from its package: a record without the version is a record all the same.
    return 'unknown';
  }
}
