const SIMPLE: ReadonlyMap<string, number> = new Map([
  ['a', 0x07],
  ['b', 0x08],
  ['f', 0x0c],
  ['n', 0x0a],
  ['r', 0x0d],
  ['t', 0x09],
  ['v', 0x0b],
  ['?', 0x3f],
  ['\\', 0x5c],
  ["'", 0x27],
  ['"', 0x22],
]);
const OCTAL = /[0-7]{1,3}/y;
const HEX = /[xX]([0-9a-fA-F]{1,2})/y;
const UNICODE = /u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})/y;
/** Two `\u` escapes that stand for one character above U+FFFF. */
const SURROGATES = /u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})/y;

const encoder = new TextEncoder();

/**
 * The bytes that a string of protobuf's text format stands for: plain text as UTF-8, and C's escapes, which may give
 * any byte.
 *
 * @param text what is between the quotes
 * @param fail called with the fault if an escape is unknown or means no byte or character
 */
export function unescapeBytes(text: string, fail: (fault: string) => never): Uint8Array {
  if (!text.includes('\\')) return encoder.encode(text);
  const bytes: number[] = [];
  for (let at = 0; at < text.length; ) {
    const slash = text.indexOf('\\', at);
    const end = slash < 0 ? text.length : slash;
    if (end > at) for (const byte of encoder.encode(text.slice(at, end))) bytes.push(byte);
    if (slash < 0) break;
    at = slash + 1;

    const match = (pattern: RegExp): RegExpExecArray | null => {
      pattern.lastIndex = at;
      return pattern.exec(text);
    };
    const simple = SIMPLE.get(text[at] ?? '');
    const octal = match(OCTAL);
    const hex = match(HEX);
    const pair = match(SURROGATES);
    const unicode = match(UNICODE);
    if (simple !== undefined) {
      bytes.push(simple);
      at++;
    } else if (octal !== null) {
      const value = Number.parseInt(octal[0], 8);
      if (value > 0xff) fail(`escape \\${octal[0]} is no byte`);
      bytes.push(value);
      at += octal[0].length;
    } else if (hex !== null) {
      bytes.push(Number.parseInt(hex[1] as string, 16));
      at += hex[0].length;
    } else if (pair !== null) {
      const units = [pair[1], pair[2]].map((digits) => Number.parseInt(digits as string, 16));
      bytes.push(...encoder.encode(String.fromCharCode(...units)));
      at += pair[0].length;
    } else if (unicode !== null) {
      const point = Number.parseInt((unicode[1] ?? unicode[2]) as string, 16);
      if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) fail(`escape \\${unicode[0]} is no character`);
      bytes.push(...encoder.encode(String.fromCodePoint(point)));
      at += unicode[0].length;
    } else {
      fail('unknown escape in a string');
    }
  }
  return Uint8Array.from(bytes);
}
