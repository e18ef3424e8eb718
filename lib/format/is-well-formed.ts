/**
 * Whether a text has no lone surrogate, and so comes back from UTF-8 as it was.
 *
 * A loop, for the same question as a regular expression costs a tenth of a microsecond for each of 100,000 names.
 */
export function isWellFormed(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    // Half of a pair: the first half, with the second right behind it. Behind the end there is NaN.
    if (unit > 0xdbff) return false;
    const second = text.charCodeAt(++i);
    if (!(second >= 0xdc00 && second <= 0xdfff)) return false;
  }
  return true;
}
