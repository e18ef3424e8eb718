import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { unescapeBytes } from './unescape-bytes.js';

const FLOAT = /^-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?$/;
const INFINITE = /^-?inf(?:inity)?f?$/i;
const NAN = /^-?nanf?$/i;
const OCTAL = /^-?0[0-9]+$/;

/**
 * Reads protobuf's text format token by token: comments and white space are skipped, adjacent strings are joined.
 *
 * Every method throws `CorruptDataError` if the text holds something else than was asked for.
 *
 * @see protobuf, "Text Format Language Specification"
 */
export class TextFormatCursor {
  private at = 0;
  private readonly text: string;

  /** @throws CorruptDataError if `bytes` are not UTF-8 */
  constructor(
    bytes: Uint8Array,
    private readonly format: string,
    private readonly file: string,
  ) {
    try {
      this.text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new CorruptDataError(format, file, 'invalid UTF-8', { cause });
    }
  }

  isAtEnd(): boolean {
    this.space();
    return this.at >= this.text.length;
  }

  /** Consumes `char` if it stands here. */
  take(char: string): boolean {
    this.space();
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  /** The name of a field. */
  identifier(): string {
    this.space();
    if (!/[a-zA-Z_]/.test(this.text[this.at] ?? '')) this.fail('expected the name of a field');
    return this.word(/[a-zA-Z0-9_]/);
  }

  /** One or more strings side by side, as one. */
  string(): string {
    this.space();
    const parts = [this.bytes()];
    for (this.space(); this.isQuote(); this.space()) parts.push(this.bytes());
    // Joined as bytes: one character's escapes may lie in two strings.
    const joined = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
      joined.set(part, at);
      at += part.length;
    }
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(joined);
    } catch (cause) {
      throw this.error('string is not UTF-8', { cause });
    }
  }

  /** A double: `1`, `1.5f`, `-1e3`, `inf`, `nan`. */
  float(): number {
    this.space();
    const word = this.word(/[a-zA-Z0-9_.+-]/);
    if (INFINITE.test(word)) return word.startsWith('-') ? -Infinity : Infinity;
    if (NAN.test(word)) return Number.NaN;
    if (!FLOAT.test(word) || OCTAL.test(word)) this.fail('expected a number');
    return Number.parseFloat(word);
  }

  /** `value`, or any number of them in brackets. */
  oneOrList<T>(value: () => T): T[] {
    if (!this.take('[')) return [value()];
    const values: T[] = [];
    if (this.take(']')) return values;
    do values.push(value());
    while (this.take(','));
    if (!this.take(']')) this.fail('expected "," or "]"');
    return values;
  }

  fail(fault: string): never {
    throw this.error(fault);
  }

  private error(fault: string, options?: ErrorOptions): CorruptDataError {
    const line = this.text.slice(0, this.at).split('\n').length;
    return new CorruptDataError(this.format, `${this.file}, line ${line}`, fault, options);
  }

  private bytes(): Uint8Array {
    if (!this.isQuote()) this.fail('expected a string');
    const quote = this.text[this.at++];
    const start = this.at;
    for (; this.text[this.at] !== quote; this.at++) {
      if (this.text[this.at] === '\\') this.at++;
      const char = this.text[this.at];
      if (char === undefined || char === '\n') this.fail('string without its end');
    }
    const bytes = unescapeBytes(this.text.slice(start, this.at), (fault) => this.fail(fault));
    this.at++;
    return bytes;
  }

  private isQuote(): boolean {
    const char = this.text[this.at];
    return char === '"' || char === "'";
  }

  private word(allowed: RegExp): string {
    const start = this.at;
    while (allowed.test(this.text[this.at] ?? '')) this.at++;
    return this.text.slice(start, this.at);
  }

  private space(): void {
    for (;;) {
      const char = this.text[this.at];
      if (char === '#') {
        const end = this.text.indexOf('\n', this.at);
        this.at = end < 0 ? this.text.length : end;
      } else if (char !== undefined && ' \t\n\r\v\f'.includes(char)) {
        this.at++;
      } else return;
    }
  }
}
