import type { RowRange } from "../generate/row-range.ts";

/**
 * Ranges for several takers, each of which stays with its table, and apart from the others' as long as there are
 * tables enough: two who write into one table side by side split the pages at the end of its index in the middle,
 * over and over, where one alone fills them.
 */
export class RangeQueue {
  readonly #tables = new Map<string, RowRange[]>();
  readonly #takers = new Map<string, number>();

  constructor(ranges: readonly RowRange[]) {
    for (const range of ranges) {
      const known = this.#tables.get(range.table);
      if (known) known.push(range);
      else this.#tables.set(range.table, [range]);
    }
  }

  /** @param before what the taker has had last; undefined the first time */
  take(before: RowRange | undefined): RowRange | undefined {
    if (before) this.#takers.set(before.table, (this.#takers.get(before.table) ?? 0) - 1);
    const table = before && this.#has(before.table) ? before.table : this.#largest();
    if (table === undefined) return undefined;
    this.#takers.set(table, (this.#takers.get(table) ?? 0) + 1);
    return this.#tables.get(table)?.shift();
  }

  /** Nothing is left to take. */
  clear(): void {
    this.#tables.clear();
  }

  #has(table: string): boolean {
    return (this.#tables.get(table)?.length ?? 0) > 0;
  }

  /** Of the tables with the fewest takers the one that has most left. */
  #largest(): string | undefined {
    const left = [...this.#tables].filter(([, ranges]) => ranges.length > 0);
    const takers = (table: string): number => this.#takers.get(table) ?? 0;
    left.sort(([a, some], [b, others]) => takers(a) - takers(b) || others.length - some.length);
    return left[0]?.[0];
  }
}
