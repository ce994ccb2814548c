import type { RandomStream } from "./random-stream.ts";

/**
 * Ranks 1 to `count`, each in proportion to rank^-exponent: rejection-inversion, which needs no table and
 * rejects a draw or two in ten (W. Hörmann and G. Derflinger, 1996).
 */
export class Zipf {
  readonly #exponent: number;
  readonly #count: number;
  readonly #from: number;
  readonly #to: number;
  readonly #sure: number;

  /** @param exponent above 0 and not 1, for which the integral below has another form */
  constructor(count: number, exponent: number) {
    this.#exponent = exponent;
    this.#count = count;
    this.#from = this.#integral(1.5) - 1;
    this.#to = this.#integral(count + 0.5);
    this.#sure = 2 - this.#inverse(this.#integral(2.5) - this.#weight(2));
  }

  draw(random: RandomStream): number {
    for (;;) {
      const area = this.#to + random.fraction() * (this.#from - this.#to);
      const x = this.#inverse(area);
      const rank = Math.min(Math.max(Math.round(x), 1), this.#count);
      if (rank - x <= this.#sure || area >= this.#integral(rank + 0.5) - this.#weight(rank)) return rank;
    }
  }

  #weight(x: number): number {
    return x ** -this.#exponent;
  }

  #integral(x: number): number {
    return (x ** (1 - this.#exponent) - 1) / (1 - this.#exponent);
  }

  #inverse(area: number): number {
    return (1 + area * (1 - this.#exponent)) ** (1 / (1 - this.#exponent));
  }
}
