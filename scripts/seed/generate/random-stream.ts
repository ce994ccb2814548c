import { createHash } from "node:crypto";

const step = 2 ** -32;

/**
 * Random numbers by position: what `at(index)` yields depends on the seed, the stream's name and the index alone,
 * so any row can be made again without those before it, and no table disturbs another.
 */
export class RandomStream {
  readonly #seedA: number;
  readonly #seedB: number;
  #a = 0;
  #b = 0;

  constructor(seed: number, name: string) {
    const digest = createHash("sha256").update(`${seed}/${name}`).digest();
    this.#seedA = digest.readInt32LE(0);
    this.#seedB = digest.readInt32LE(4);
    this.at(0);
  }

  /** Two ways to spread the bits of the index over a word, as MurmurHash3 and its successors end: no two share a state. */
  at(index: number): this {
    let a = index ^ this.#seedA;
    a = Math.imul(a ^ (a >>> 16), 0x85eb_ca6b);
    a = Math.imul(a ^ (a >>> 13), 0xc2b2_ae35);
    this.#a = a ^ (a >>> 16);
    let b = (index + this.#seedB) | 0;
    b = Math.imul(b ^ (b >>> 16), 0x21f0_aaad);
    b = Math.imul(b ^ (b >>> 15), 0x735a_2d97);
    this.#b = b ^ (b >>> 15);
    return this;
  }

  /** In [0, 1), in steps of 2⁻³². */
  fraction(): number {
    return this.#next() * step;
  }

  /** A whole number, both ends included. */
  int(min: number, max: number): number {
    return min + Math.floor(this.#next() * step * (max - min + 1));
  }

  pick<T>(values: readonly T[]): T {
    const value = values[this.int(0, values.length - 1)];
    if (value === undefined) throw new RangeError("cannot pick from an empty list");
    return value;
  }

  /** xoroshiro64**: 64 bits of state, passes BigCrush, and costs a few operations. */
  #next(): number {
    const a = this.#a;
    const mixed = Math.imul(a, 0x9e37_79bb);
    const b = this.#b ^ a;
    this.#a = ((a << 26) | (a >>> 6)) ^ b ^ (b << 9);
    this.#b = (b << 13) | (b >>> 19);
    return Math.imul((mixed << 5) | (mixed >>> 27), 5) >>> 0;
  }
}
