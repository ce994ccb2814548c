/** The first few of many in an order, without keeping the others: ORDER BY … LIMIT. */
export class FirstRows<T> {
  readonly #limit: number;
  readonly #compare: (a: T, b: T) => number;
  readonly #kept: T[] = [];

  /** @param compare below 0 when `a` comes first; of no two rows 0 */
  constructor(limit: number, compare: (a: T, b: T) => number) {
    this.#limit = limit;
    this.#compare = compare;
  }

  offer(row: T): void {
    const last = this.#kept[this.#limit - 1];
    if (last !== undefined && this.#compare(row, last) > 0) return;
    let at = this.#kept.length;
    while (at > 0 && this.#isBefore(row, at - 1)) at--;
    this.#kept.splice(at, 0, row);
    if (this.#kept.length > this.#limit) this.#kept.pop();
  }

  /** In order. */
  get rows(): readonly T[] {
    return this.#kept;
  }

  #isBefore(row: T, at: number): boolean {
    const kept = this.#kept[at];
    return kept !== undefined && this.#compare(row, kept) < 0;
  }
}

/** For texts whose order is that of their characters, such as dates. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
