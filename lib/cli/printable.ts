/**
 * A name out of a file, fit to be printed: control characters, escapes of a terminal and marks that turn the direction
 * of writing are shown as escapes, and a very long name is cut.
 */
export function printable(name: string, longest = 200): string {
  const shown = name.slice(0, longest + 1).replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, (char) => {
    const code = char.codePointAt(0) ?? 0;
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
  return shown.length > longest ? `${shown.slice(0, longest)}…` : shown;
}
