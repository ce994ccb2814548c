import type { RandomStream } from "./random-stream.ts";

/**
 * How many children each parent has, when every block of parents has the same numbers in an order of its own:
 * the shares are exact, and both ways between parent and child follow from the index alone. All indexes from 0.
 */
export class BlockCounts {
  readonly #random: RandomStream;
  readonly #counts: readonly number[];
  readonly #perBlock: number;
  #block = -1;
  /** Of the block at hand: where each parent's children begin, and behind them the end. */
  readonly #starts: Uint16Array;

  constructor(random: RandomStream, counts: readonly number[]) {
    this.#random = random;
    this.#counts = counts;
    this.#perBlock = counts.reduce((sum, count) => sum + count, 0);
    this.#starts = new Uint16Array(counts.length + 1);
  }

  countOf(parent: number): number {
    const at = this.#enter(Math.floor(parent / this.#counts.length), parent);
    return this.#start(at + 1) - this.#start(at);
  }

  /** The index of a parent's first child; that of the next parent's when it has none. */
  firstOf(parent: number): number {
    const block = Math.floor(parent / this.#counts.length);
    return block * this.#perBlock + this.#start(this.#enter(block, parent));
  }

  parentOf(child: number): number {
    const block = Math.floor(child / this.#perBlock);
    this.#load(block);
    const within = child - block * this.#perBlock;
    let at = 0;
    while (this.#start(at + 1) <= within) at++;
    return block * this.#counts.length + at;
  }

  #enter(block: number, parent: number): number {
    this.#load(block);
    return parent - block * this.#counts.length;
  }

  /** Shuffles the counts as this block has them. */
  #load(block: number): void {
    if (block === this.#block) return;
    this.#block = block;
    this.#random.at(block);
    const order = [...this.#counts];
    for (let at = order.length - 1; at > 0; at--) {
      const other = this.#random.int(0, at);
      const swapped = order[at] ?? 0;
      order[at] = order[other] ?? 0;
      order[other] = swapped;
    }
    let sum = 0;
    for (const [at, count] of order.entries()) {
      sum += count;
      this.#starts[at + 1] = sum;
    }
  }

  #start(at: number): number {
    return this.#starts[at] ?? 0;
  }
}
