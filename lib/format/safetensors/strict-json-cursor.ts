import { CorruptDataError } from '../../error/corrupt-data-error.js';
import { isWellFormed } from '../is-well-formed.js';

/** As deep as the reference's parser goes. */
const MAX_DEPTH = 128;
/** No number needs more; a regular expression must not run over millions of digits. */
const MAX_NUMBER_LENGTH = 400;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const INTEGER = /^(?:0|[1-9][0-9]*)$/;
const HEX4 = /^[0-9a-fA-F]{4}$/;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * Reads JSON value by value, as the caller expects it.
 *
 * `JSON.parse` will not do for a file that may lie: it keeps the last of two equal keys without a word, rounds
 * integers above 2^53, takes `2.0` for an integer and lone surrogates for text, and has no depth limit but the stack.
 *
 * Every method throws `CorruptDataError` if the text holds something else than was asked for.
 *
 * @see RFC 8259
 */
export class StrictJsonCursor {
  private at = 0;
  private depth = 0;
  private readonly text: string;

  /**
   * @param bytes UTF-8 without a byte order mark
   * @throws CorruptDataError if they are not
   */
  constructor(
    bytes: Uint8Array,
    private readonly format: string,
    private readonly where: string,
  ) {
    try {
      // With `ignoreBOM` a mark stays in the text, where no value begins with it.
      this.text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (cause) {
      throw new CorruptDataError(format, where, 'invalid UTF-8', { cause });
    }
  }

  /** An object; `visit` is called behind each key's colon and must consume the value. */
  object(visit: (key: string) => void): void {
    const keys = new Set<string>();
    this.enter('{', 'an object');
    if (!this.take('}')) {
      do {
        this.space();
        const key = this.string();
        if (keys.has(key)) this.fail(`duplicate key ${JSON.stringify(key.slice(0, 200))}`);
        keys.add(key);
        if (!this.take(':')) this.fail('expected ":"');
        visit(key);
      } while (this.take(','));
      if (!this.take('}')) this.fail('expected "," or "}"');
    }
    this.depth--;
  }

  /** An array; `visit` must consume one element. */
  array(visit: () => void): void {
    this.enter('[', 'an array');
    if (!this.take(']')) {
      do visit();
      while (this.take(','));
      if (!this.take(']')) this.fail('expected "," or "]"');
    }
    this.depth--;
  }

  string(): string {
    if (!this.take('"')) this.fail('expected a string');
    let value = this.plain();
    while (!this.takeHere('"')) {
      if (!this.takeHere('\\')) {
        this.fail(this.at < this.text.length ? 'control character in a string' : 'string without its end');
      }
      value += this.escape();
      value += this.plain();
    }
    if (!isWellFormed(value)) this.fail('lone surrogate in a string');
    return value;
  }

  /** A whole number from 0 to 2^53 - 1, written as one: neither `2.0` nor `1e1`. */
  integer(): number {
    const digits = this.numeral();
    if (!INTEGER.test(digits)) this.fail('expected a whole number from 0');
    const value = Number(digits);
    if (!Number.isSafeInteger(value)) this.fail(`number ${digits.slice(0, 40)} is over 2^53`);
    return value;
  }

  /** Any finite number. */
  number(): number {
    const digits = this.numeral();
    if (!NUMBER.test(digits)) this.fail('expected a value');
    const value = Number(digits);
    if (!Number.isFinite(value)) this.fail(`number ${digits.slice(0, 40)} is out of range`);
    return value;
  }

  /** Whether `null` stands here; it is consumed if so. */
  null(): boolean {
    this.space();
    if (!this.text.startsWith('null', this.at)) return false;
    this.at += 4;
    return true;
  }

  /** Consumes any value, and holds it to the same rules. */
  skip(): void {
    this.space();
    const next = this.text[this.at];
    if (next === '{') this.object(() => this.skip());
    else if (next === '[') this.array(() => this.skip());
    else if (next === '"') this.string();
    else if (this.text.startsWith('true', this.at)) this.at += 4;
    else if (this.text.startsWith('false', this.at)) this.at += 5;
    else if (!this.null()) this.number();
  }

  /** Asserts that nothing but white space follows. */
  end(): void {
    this.space();
    if (this.at < this.text.length) this.fail('text after the value');
  }

  fail(fault: string): never {
    throw new CorruptDataError(this.format, `${this.where}, character ${this.at}`, fault);
  }

  private enter(open: string, what: string): void {
    if (!this.take(open)) this.fail(`expected ${what}`);
    if (++this.depth > MAX_DEPTH) this.fail(`nested deeper than ${MAX_DEPTH}`);
  }

  private escape(): string {
    const letter = this.text[this.at++] ?? '';
    if (letter !== 'u') return ESCAPES.get(letter) ?? this.fail('unknown escape');
    const hex = this.text.slice(this.at, this.at + 4);
    if (!HEX4.test(hex)) this.fail('\\u without four hexadecimal digits');
    this.at += 4;
    return String.fromCharCode(Number.parseInt(hex, 16));
  }

  private take(char: string): boolean {
    this.space();
    return this.takeHere(char);
  }

  private takeHere(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  private space(): void {
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit !== 0x20 && unit !== 0x0a && unit !== 0x0d && unit !== 0x09) return;
      this.at++;
    }
  }

  /** The characters of a string up to its end, an escape or one that must not stand there. */
  private plain(): string {
    const start = this.at;
    for (; this.at < this.text.length; this.at++) {
      const unit = this.text.charCodeAt(this.at);
      if (unit === 0x22 || unit === 0x5c || unit < 0x20) break;
    }
    return this.text.slice(start, this.at);
  }

  private numeral(): string {
    this.space();
    const start = this.at;
    while ('0123456789+-.eE'.includes(this.text[this.at] ?? ' ')) this.at++;
    if (this.at - start > MAX_NUMBER_LENGTH) this.fail(`number of ${this.at - start} characters`);
    return this.text.slice(start, this.at);
  }
}
