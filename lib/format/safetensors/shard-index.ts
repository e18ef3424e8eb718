/** What `model.safetensors.index.json` says. */
export interface ShardIndex {
  /** The bytes of all tensors, without headers, where the writer said it. */
  readonly totalSizeBytes?: number | undefined;
  /** The elements of all tensors, where the writer said it. */
  readonly totalParameters?: number | undefined;
  /** The file, in the folder of the index, of each tensor. */
  readonly weightMap: ReadonlyMap<string, string>;
}

/**
 * Whether a name means a file in the folder it is looked up in, on every system: no path, no drive, no folder, no
 * control characters.
 */
export function isPlainFileName(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a file's name must not hold them
  return name !== '' && name !== '.' && name !== '..' && !/[/\\:\u0000-\u001f]/.test(name);
}
