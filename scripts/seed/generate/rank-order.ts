/**
 * Who has which rank of popularity: a permutation of 0 to `count` - 1 by one multiplication, so that the popular
 * are spread over all ids, and that SQL can compute it too: (index × step) mod count.
 */
export class RankOrder {
  readonly count: number;
  readonly step: number;

  constructor(count: number) {
    this.count = count;
    // Near the golden section neighbours in rank lie far apart; without a common divisor no two meet.
    let step = Math.max(1, Math.round(count * 0.618_034));
    while (greatestDivisor(step, count) !== 1) step++;
    this.step = step;
  }

  /** @param rank from 1; @returns an index from 0. Exact while count² stays below 2⁵³ */
  indexOf(rank: number): number {
    const product = (rank - 1) * this.step;
    // `%` is a division bit by bit beyond 2³¹.
    return product - Math.floor(product / this.count) * this.count;
  }

  /** What undoes `step`: rank = 1 + (index × inverse) mod count. */
  get inverse(): number {
    let [older, newer] = [this.count, this.step % this.count];
    let [before, now] = [0, 1];
    while (newer > 1) {
      const quotient = Math.floor(older / newer);
      [older, newer] = [newer, older - quotient * newer];
      [before, now] = [now, before - quotient * now];
    }
    return ((now % this.count) + this.count) % this.count;
  }
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
