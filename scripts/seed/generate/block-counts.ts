import type { RandomStream } from "./random-stream.ts";

/**
 * How many children each parent has, when every block of parents has the same numbers in an order of its own:
 * the shares are exact, and both ways between parent and child follow from the index alone. All indexes from 0.
 */
export class BlockCounts {
  readonly #random: RandomStream;
  readonly #counts: Uint8Array;
  readonly #parents: number;
  readonly #children: number;
  #block = -1;
  /** Of the block at hand: the counts in its order. */
  readonly #order: Uint8Array;
  /** Of the block at hand: where each parent's children begin, and behind them the end. */
  readonly #starts: Uint16Array;
  /** Of the block at hand: the parent of each child. */
  readonly #owners: Uint16Array;

  /** @param counts each 255 at most */
  constructor(random: RandomStream, counts: readonly number[]) {
    this.#random = random;
    this.#counts = Uint8Array.from(counts);
    this.#parents = counts.length;
    this.#children = counts.reduce((sum, count) => sum + count, 0);
    this.#order = new Uint8Array(counts.length);
    this.#starts = new Uint16Array(counts.length + 1);
    this.#owners = new Uint16Array(this.#children);
  }

  countOf(parent: number): number {
    const at = this.#enter(Math.floor(parent / this.#parents), parent);
    return (this.#starts[at + 1] ?? 0) - (this.#starts[at] ?? 0);
  }

  /** The index of a parent's first child; that of the next parent's when it has none. */
  firstOf(parent: number): number {
    const block = Math.floor(parent / this.#parents);
    return block * this.#children + (this.#starts[this.#enter(block, parent)] ?? 0);
  }

  parentOf(child: number): number {
    const block = Math.floor(child / this.#children);
    if (block !== this.#block) this.#load(block);
    return block * this.#parents + (this.#owners[child - block * this.#children] ?? 0);
  }

  #enter(block: number, parent: number): number {
    if (block !== this.#block) this.#load(block);
    return parent - block * this.#parents;
  }

  /** Shuffles the counts as this block has them. */
  #load(block: number): void {
    this.#block = block;
    this.#random.at(block);
    const order = this.#order;
    order.set(this.#counts);
    for (let at = order.length - 1; at > 0; at--) {
      const other = this.#random.int(0, at);
      const swapped = order[at] ?? 0;
      order[at] = order[other] ?? 0;
      order[other] = swapped;
    }
    let child = 0;
    for (let at = 0; at < order.length; at++) {
      for (let rest = order[at] ?? 0; rest > 0; rest--) this.#owners[child++] = at;
      this.#starts[at + 1] = child;
    }
  }
}
