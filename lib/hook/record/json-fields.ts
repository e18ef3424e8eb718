import { CorruptDataError } from '../../error/corrupt-data-error.js';

const LONGEST_TEXT = 16 * 1024;
const MOST_ENTRIES = 1000;

/** The fields of a JSON object out of a file: nothing about it is believed before it is looked at. */
export class JsonFields {
  readonly #fields: ReadonlyMap<string, unknown>;

  /**
   * @param where for error texts
   * @throws CorruptDataError if `value` is no object; so do all methods for a field that is not what it ought to be
   */
  constructor(
    value: unknown,
    readonly where: string,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) this.fail('not an object');
    this.#fields = new Map(Object.entries(value as object));
  }

  fail(fault: string): never {
    throw new CorruptDataError('run record', this.where, fault);
  }

  has(key: string): boolean {
    return this.#fields.get(key) !== undefined && this.#fields.get(key) !== null;
  }

  /** A number that is none of JSON's is a text there. */
  number(key: string): number {
    const value = numberOf(this.#fields.get(key));
    return value ?? this.fail(`${key} is not a number`);
  }

  /** A time or a length of time: finite, not below 0. */
  duration(key: string): number {
    const value = this.number(key);
    return value >= 0 && value < Number.POSITIVE_INFINITY ? value : this.fail(`${key} is no time`);
  }

  count(key: string): number {
    const value = this.number(key);
    return Number.isSafeInteger(value) && value >= 0 ? value : this.fail(`${key} is not a whole number from 0`);
  }

  text(key: string): string {
    const value = this.#fields.get(key);
    if (typeof value !== 'string') this.fail(`${key} is not a text`);
    return value.length > LONGEST_TEXT ? `${value.slice(0, LONGEST_TEXT)}…` : value;
  }

  object(key: string): JsonFields {
    return new JsonFields(this.#fields.get(key), `${this.where}, ${key}`);
  }

  list(key: string): readonly unknown[] {
    const value = this.#fields.get(key);
    if (!Array.isArray(value)) this.fail(`${key} is not a list`);
    return value.length > MOST_ENTRIES * 10 ? this.fail(`${key} has ${value.length} entries`) : value;
  }

  /** What `read` makes of the field, or `undefined` if there is none. */
  optional<T>(key: string, read: (fields: this, key: string) => T): T | undefined {
    return this.has(key) ? read(this, key) : undefined;
  }

  /** The numbers, and where `withTexts` says so the texts, in an object. */
  values(key: string, withTexts: true): ReadonlyMap<string, number | string>;
  values(key: string): ReadonlyMap<string, number>;
  values(key: string, withTexts = false): ReadonlyMap<string, number | string> {
    const { entries } = this.object(key);
    if (entries.length > MOST_ENTRIES) this.fail(`${key} has ${entries.length} entries`);
    const values = new Map<string, number | string>();
    for (const [name, value] of entries) {
      const number = numberOf(value);
      if (number !== undefined) values.set(name, number);
      else if (withTexts && typeof value === 'string') values.set(name, value.slice(0, LONGEST_TEXT));
      else this.fail(`${key} has a value that is not a number`);
    }
    return values;
  }

  get entries(): readonly (readonly [string, unknown])[] {
    return [...this.#fields];
  }
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined;
}
