import { describeValue } from './describe-value.js';
import { firstDifference } from './first-difference.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
// What marbles give a meaning of its own.
const RESERVED = new Set([...' -|()^!#<>@']);
// When the alphabet is used up, letters go on from the Greek alpha.
const FURTHER_LETTERS = 0x3b1;

/** Gives each value a letter, and values that are equal in structure the same one. */
export class LetterTable {
  readonly #values = new Map<string, unknown>();
  #further = FURTHER_LETTERS;

  /** Gives `value` this letter if neither has been given away. */
  prefer(letter: string, value: unknown): void {
    if (!this.#values.has(letter) && this.#find(value) === undefined) this.#values.set(letter, value);
  }

  letterOf(value: unknown): string {
    const known = this.#find(value);
    if (known !== undefined) return known;
    const letter = this.#freeLetter(value);
    this.#values.set(letter, value);
    return letter;
  }

  /** What these letters stand for, one line each, without those that stand for themselves. */
  legend(letters: Iterable<string>): readonly string[] {
    return [...new Set(letters)]
      .filter((letter) => this.#values.has(letter) && this.#values.get(letter) !== letter)
      .sort()
      .map((letter) => `${letter} = ${describeValue(this.#values.get(letter))}`);
  }

  #find(value: unknown): string | undefined {
    for (const [letter, other] of this.#values) {
      if (firstDifference(value, other) === undefined) return letter;
    }
    return undefined;
  }

  #freeLetter(value: unknown): string {
    if (typeof value === 'string' && [...value].length === 1 && !RESERVED.has(value) && !this.#values.has(value)) {
      return value;
    }
    for (const letter of ALPHABET) if (!this.#values.has(letter)) return letter;
    let letter: string;
    do letter = String.fromCodePoint(this.#further++);
    while (this.#values.has(letter));
    return letter;
  }
}
