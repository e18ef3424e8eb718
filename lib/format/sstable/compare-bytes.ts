/** Orders byte strings as unsigned bytes, a prefix first; negative, zero or positive as for `sort`. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const at = sharedPrefixBytes(a, b);
  if (at === a.length || at === b.length) return a.length - b.length;
  return (a[at] as number) - (b[at] as number);
}

/** How many bytes `a` and `b` have in common at their start. */
export function sharedPrefixBytes(a: Uint8Array, b: Uint8Array): number {
  const end = Math.min(a.length, b.length);
  let at = 0;
  while (at < end && a[at] === b[at]) at++;
  return at;
}
