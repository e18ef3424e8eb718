const PREFIX_BYTES = 180;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in a name
const FORBIDDEN = /[/\\\u0000-\u001f\u007f]|\p{Surrogate}/u;

/**
 * The suffixes of files that belong to a checkpoint. Only such files are ever opened, removed or set aside with it, so
 * that a file of the user's that begins with the same prefix stays what it is.
 */
export const checkpointSuffix = /^\.(?:index|data-\d{5}-of-\d{5}|safetensors(?:\.tidemark\.json)?|(?:[a-z]+\.)?json)$/;

/** Whether `prefix` is one plain name: it cannot lead out of a folder, be hidden or upset a terminal. */
export function isCheckpointPrefix(prefix: string): boolean {
  return (
    prefix !== '' &&
    !prefix.startsWith('.') &&
    !FORBIDDEN.test(prefix) &&
    new TextEncoder().encode(prefix).length <= PREFIX_BYTES
  );
}

/** @throws RangeError naming `fn` if `prefix` is not one plain name of at most 180 bytes */
export function checkPrefix(fn: string, prefix: string): void {
  if (typeof prefix !== 'string' || !isCheckpointPrefix(prefix)) {
    const received = JSON.stringify(prefix)?.slice(0, 200);
    throw new RangeError(
      `${fn}(prefix): expected one file name of 1 to ${PREFIX_BYTES} bytes without separators, leading dot or control characters, received ${received}`,
    );
  }
}

/** The prefixes that have a marker among `names`; names that no store would write are passed over. */
export function prefixesOf(names: Iterable<string>, markers: readonly string[]): readonly string[] {
  const prefixes = new Set<string>();
  for (const name of names) {
    for (const marker of markers) {
      const prefix = name.slice(0, -marker.length);
      if (name.endsWith(marker) && isCheckpointPrefix(prefix)) prefixes.add(prefix);
    }
  }
  return [...prefixes];
}

/** The suffixes of `prefix`'s files among `names`. */
export function suffixesOf(names: Iterable<string>, prefix: string): string[] {
  const suffixes: string[] = [];
  for (const name of names) {
    const suffix = name.slice(prefix.length);
    if (name.startsWith(prefix) && checkpointSuffix.test(suffix)) suffixes.push(suffix);
  }
  return suffixes;
}

/** @throws RangeError if a file of this suffix would not be found again */
export function checkSuffix(suffix: string): void {
  if (!checkpointSuffix.test(suffix)) {
    throw new RangeError(
      `write(files): expected a suffix such as .index, .data-00000-of-00001, .safetensors or .json, received ${JSON.stringify(suffix)}`,
    );
  }
}
