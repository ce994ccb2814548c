import type { RandomStream } from "./random-stream.ts";

/** Ranks of one group differ by less than one part in this, so that nearly every draw is taken at once. */
const fineness = 32;

/**
 * Ranks 1 to `count`, each in proportion to rank^-exponent. Neighbouring ranks form groups, a few hundred for any count,
 * of which one is drawn by the alias method (A. Walker, 1977); within it all are alike but for a last draw that
 * rejects one in a hundred.
 */
export class Zipf {
  readonly #exponent: number;
  /** Of each group: its first rank, how many it has, and what the last of them weighs beside the first. */
  readonly #firsts: Float64Array;
  readonly #widths: Float64Array;
  readonly #sure: Float64Array;
  /** Of each group: how much of its place is its own, and whose the rest is. */
  readonly #own: Float64Array;
  readonly #aliases: Uint32Array;

  constructor(count: number, exponent: number) {
    this.#exponent = exponent;
    const firsts: number[] = [];
    for (let rank = 1; rank <= count; rank += widthAt(rank)) firsts.push(rank);
    const widths = firsts.map((first) => Math.min(widthAt(first), count + 1 - first));
    this.#firsts = Float64Array.from(firsts);
    this.#widths = Float64Array.from(widths);
    this.#sure = Float64Array.from(firsts, (first, group) =>
      this.#ratio(first + (widths[group] ?? 1) - 1, first),
    );
    const weights = firsts.map((first, group) => (widths[group] ?? 0) * first ** -exponent);
    ({ own: this.#own, aliases: this.#aliases } = aliasTable(weights));
  }

  draw(random: RandomStream): number {
    const groups = this.#firsts.length;
    for (;;) {
      const place = random.fraction() * groups;
      const drawn = Math.floor(place);
      const group = place - drawn < (this.#own[drawn] ?? 1) ? drawn : (this.#aliases[drawn] ?? 0);
      const first = this.#firsts[group] ?? 1;
      const width = this.#widths[group] ?? 1;
      if (width === 1) return first;
      const rank = first + random.int(0, width - 1);
      const height = random.fraction();
      if (height < (this.#sure[group] ?? 0) || height < this.#ratio(rank, first)) return rank;
    }
  }

  /** What a rank weighs beside the first of its group. */
  #ratio(rank: number, first: number): number {
    return (rank / first) ** -this.#exponent;
  }
}

function widthAt(rank: number): number {
  return Math.max(1, Math.floor(rank / fineness));
}

/** For drawing by weight in constant time: places of equal size, each shared by two at most. */
function aliasTable(weights: readonly number[]): { own: Float64Array; aliases: Uint32Array } {
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
  const rest = weights.map((weight) => weight / mean);
  const own = new Float64Array(weights.length).fill(1);
  const aliases = Uint32Array.from(weights.keys());
  const small = [...rest.keys()].filter((at) => (rest[at] ?? 0) < 1);
  const large = [...rest.keys()].filter((at) => (rest[at] ?? 0) >= 1);
  for (let less = small.pop(); less !== undefined; less = small.pop()) {
    const more = large.at(-1);
    if (more === undefined) break;
    own[less] = rest[less] ?? 1;
    aliases[less] = more;
    rest[more] = (rest[more] ?? 0) - (1 - (own[less] ?? 1));
    if ((rest[more] ?? 0) < 1) {
      large.pop();
      small.push(more);
    }
  }
  return { own, aliases };
}
