import { createHash } from "node:crypto";

/**
 * Random numbers by position: what `at(index)` yields depends on the seed, the stream's name and the index alone,
 * so any row can be made again without those before it, and no table disturbs another.
 */
export class RandomStream {
  readonly #seedA: number;
  readonly #seedB: number;
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  constructor(seed: number, name: string) {
    const digest = createHash("sha256").update(`${seed}/${name}`).digest();
    this.#seedA = digest.readInt32LE(0);
    this.#seedB = digest.readInt32LE(4);
    this.at(0);
  }

  at(index: number): this {
    let a = this.#seedA;
    let b = this.#seedB;
    let c = index | 0;
    // Neighbouring indexes differ in one bit; these rounds spread it over the whole state. As in #next, with the
    // state in variables: this is half of what a cheap row costs.
    for (let counter = 1; counter <= 12; counter++) {
      const result = (a + b + counter) | 0;
      a = b ^ (b >>> 9);
      b = (c + (c << 3)) | 0;
      c = (((c << 21) | (c >>> 11)) + result) | 0;
    }
    this.#a = a;
    this.#b = b;
    this.#c = c;
    this.#counter = 13;
    return this;
  }

  /** In [0, 1), in steps of 2⁻³². */
  fraction(): number {
    return this.#next() / 0x1_0000_0000;
  }

  /** A whole number, both ends included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.int(0, values.length - 1)];
    if (value === undefined) throw new RangeError("cannot pick from an empty list");
    return value;
  }

  /** sfc32: 128 bits of state, passes PractRand, and costs a few additions. */
  #next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + result;
    this.#c |= 0;
    return result >>> 0;
  }
}
