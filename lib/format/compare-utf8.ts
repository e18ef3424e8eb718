/**
 * Compares two texts by their UTF-8 bytes, which is by code points; JavaScript's `<` goes by UTF-16 units and puts
 * U+1F600 before U+FFFD.
 *
 * REQUIRES: no lone surrogates.
 *
 * @returns negative, 0 or positive, as a sort function wants it
 */
export function compareUtf8(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for the code points above all other units. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
