import { createRequire } from 'node:module';

/** Read from the package itself, which is where it is told to the registry. */
export function versionOfPackage(): string {
  const { version }: { version?: unknown } = createRequire(import.meta.url)('tidemark/package.json');
  return String(version);
}
