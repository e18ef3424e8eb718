/**
 * What is put behind the names of a checkpoint's files when it is set aside: `.quarantined`, or `.quarantined-2` and so
 * on if any of those names is taken.
 */
export function quarantineEnding(
  names: { has(name: string): boolean },
  prefix: string,
  suffixes: readonly string[],
): string {
  for (let turn = 1; ; turn++) {
    const ending = turn === 1 ? '.quarantined' : `.quarantined-${turn}`;
    if (!suffixes.some((suffix) => names.has(`${prefix}${suffix}${ending}`))) return ending;
  }
}
