/** What was seen of a distribution over ranks: how often something was drawn, and the sum of the ranks' logarithms. */
export interface RankSample {
  readonly draws: number;
  readonly logSum: number;
}

/** An estimate with its standard error. */
export interface Estimate {
  readonly exponent: number;
  readonly error: number;
}

/**
 * The exponent of a Zipf distribution over the ranks given: the most likely one, at which the mean logarithm is the
 * one that was seen.
 */
export function zipfExponent({ draws, logSum }: RankSample, ranks: Iterable<number>): Estimate {
  const logs = Float64Array.from(ranks, Math.log);
  const wanted = logSum / draws;
  let [low, high] = [-1, 5];
  for (let step = 0; step < 50; step++) {
    const middle = (low + high) / 2;
    // The steeper, the more weight have the first ranks.
    if (moments(logs, middle).mean > wanted) low = middle;
    else high = middle;
  }
  const exponent = (low + high) / 2;
  return { exponent, error: 1 / Math.sqrt(draws * moments(logs, exponent).variance) };
}

function moments(logs: Float64Array, exponent: number): { mean: number; variance: number } {
  let [weight, sum, squares] = [0, 0, 0];
  for (const log of logs) {
    const share = Math.exp(-exponent * log);
    weight += share;
    sum += share * log;
    squares += share * log * log;
  }
  const mean = sum / weight;
  return { mean, variance: squares / weight - mean * mean };
}
