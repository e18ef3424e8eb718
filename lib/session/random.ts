import { describeReceived } from '../error/describe-received.js';
import { StateMismatchError } from '../error/state-mismatch-error.js';
import type { Json } from '../tensor/json.js';
import type { PartState } from '../tensor/part-state.js';
import type { Checkpointable } from './checkpointable.js';

/** The four 32-bit words that are all there is to a generator. */
export type RandomState = readonly [number, number, number, number];

/**
 * Makes a generator of random numbers whose whole state is four words, so that a checkpoint holds it exactly.
 *
 * One seed gives as many independent generators as there are stream names: a run needs one seed, and drawing more from
 * one stream does not move another. The algorithm is xoshiro128** 1.1, seeded by SplitMix64 from the seed and from the
 * FNV-1a hash of the stream's name. Not for secrets.
 *
 * @param seed a whole number from -(2^53 - 1) to 2^53 - 1
 * @param stream the name of what the numbers are for, e.g. `dropout`
 * @throws RangeError if `seed` is no safe integer
 *
 * @see Blackman and Vigna, Scrambled Linear Pseudorandom Number Generators, ACM TOMS 47 (2021); prng.di.unimi.it
 */
export function random(seed: number, stream = ''): Random {
  if (!Number.isSafeInteger(seed))
    throw new RangeError(`random(seed): expected a safe integer, received ${describeReceived(seed)}`);
  const mix = splitMix64(BigInt.asUintN(64, BigInt(seed)) ^ fnv1a64(stream));
  const [low, high] = [mix(), mix()];
  return new Random([word(low), word(low >> 32n), word(high), word(high >> 32n)]);
}

/** A stream of random numbers that is a part of the training state. Made by {@link random}. */
export class Random implements Checkpointable {
  // Signed, since those are the numbers that engines keep unboxed.
  #a = 0;
  #b = 0;
  #c = 0;
  #d = 0;

  /** @throws RangeError if `state` is not four 32-bit words, or all of them are 0 */
  constructor(state: RandomState) {
    this.state = state;
  }

  get state(): RandomState {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0];
  }

  set state(state: RandomState) {
    if (!isState(state)) {
      throw new RangeError(`Random.state: expected four 32-bit words that are not all 0, received [${state}]`);
    }
    this.#a = state[0] | 0;
    this.#b = state[1] | 0;
    this.#c = state[2] | 0;
    this.#d = state[3] | 0;
  }

  /** A whole number from 0 to 2^32 - 1. */
  nextUint32(): number {
    const scrambled = Math.imul(rotateLeft(Math.imul(this.#b, 5), 7), 9) >>> 0;
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = rotateLeft(this.#d, 11);
    return scrambled;
  }

  /** A multiple of 2^-32 from 0 to below 1. */
  uniform(): number {
    return this.nextUint32() / 0x1_0000_0000;
  }

  /**
   * A whole number from 0 to below `bound`, all equally likely.
   *
   * @throws RangeError if `bound` is no whole number from 1 to 2^32
   */
  integer(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 0x1_0000_0000) {
      throw new RangeError(
        `integer(bound): expected a whole number from 1 to 2^32, received ${describeReceived(bound)}`,
      );
    }
    // Numbers above the largest multiple of `bound` would make the small remainders likelier: draw again.
    const limit = 0x1_0000_0000 - (0x1_0000_0000 % bound);
    let drawn = this.nextUint32();
    while (drawn >= limit) drawn = this.nextUint32();
    return drawn % bound;
  }

  /**
   * A normally distributed number of mean 0 and deviation 1, by Box and Muller's transform. It takes two draws and
   * keeps nothing for the next call. Its last bits rest on the engine's `Math.log` and `Math.cos`.
   */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Puts `values` into a random order, in place. */
  shuffle(values: Uint32Array): void {
    for (let last = values.length - 1; last > 0; last--) {
      const other = this.integer(last + 1);
      const value = values[last] as number;
      values[last] = values[other] as number;
      values[other] = value;
    }
  }

  capture(): PartState {
    return { tensors: new Map(), json: { state: this.state } };
  }

  differences({ json }: PartState): readonly string[] {
    return stateOf(json) === undefined ? ['state: expected four 32-bit words, the checkpoint has none'] : [];
  }

  restore(state: PartState): void {
    const words = stateOf(state.json);
    if (words === undefined) throw new StateMismatchError('of a random generator', this.differences(state));
    this.state = words;
  }
}

function stateOf(json: Json | undefined): RandomState | undefined {
  if (typeof json !== 'object' || json === null || !('state' in json)) return undefined;
  const { state } = json;
  return isState(state) ? state : undefined;
}

function isState(state: unknown): state is RandomState {
  return (
    Array.isArray(state) &&
    state.length === 4 &&
    state.every((value) => typeof value === 'number' && value >>> 0 === value) &&
    state.some((value) => value !== 0)
  );
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

// Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014; the seeding that xoshiro's
// authors ask for.
function splitMix64(seed: bigint): () => bigint {
  let state = seed;
  return () => {
    state = BigInt.asUintN(64, state + 0x9e3779b97f4a7c15n);
    let mixed = BigInt.asUintN(64, (state ^ (state >> 30n)) * 0xbf58476d1ce4e5b9n);
    mixed = BigInt.asUintN(64, (mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn);
    return mixed ^ (mixed >> 31n);
  };
}

/** FNV-1a of the UTF-8 bytes, and 0 for the empty name: there the seed alone counts. */
function fnv1a64(name: string): bigint {
  if (name === '') return 0n;
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(name)) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return hash;
}

function word(value: bigint): number {
  return Number(BigInt.asUintN(32, value));
}
