import Table from "cli-table3";

/** Two ways to the same end, measured in one run. */
export interface Benchmark {
  readonly name: string;
  /** What is timed, in a few words. */
  readonly title: string;
  /** What it is compared with. */
  readonly peer: string;
  /** The ratio (ours / peer, less is better) that the project aims at. Told, never asserted: machines are noisy. */
  readonly aim: number;
  /** Made once for all rounds; what it makes it removes. */
  prepare(): Promise<Prepared>;
}

/** Each call does the work once, with everything around it, and returns the seconds of the part that is timed. */
export interface Prepared extends AsyncDisposable {
  ours(): Promise<number>;
  peer(): Promise<number>;
  /** What the last round told besides its seconds. */
  remark?(): string;
}

/** A measurement with a shape of its own: not one number beside another, round by round. */
export interface Survey {
  readonly name: string;
  /** @param rounds of ours; the peers may have fewer */
  survey(rounds: number, progress: (line: string) => void, signal: AbortSignal): Promise<SurveyResult>;
}

export interface SurveyResult {
  readonly name: string;
  /** The numbers, for machines. */
  readonly results: unknown;
  /** The same for people. */
  readonly text: string;
}

export interface Summary {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface BenchmarkResult {
  readonly name: string;
  readonly title: string;
  readonly peer: string;
  readonly aim: number;
  readonly rounds: number;
  /** Seconds. */
  readonly ours: Summary;
  readonly peers: Summary;
  /** Ours divided by the peer's, round by round, so that a machine that slows down counts for both. */
  readonly ratio: Summary;
  readonly remark?: string;
}

/** Runs a benchmark in alternation (ours, peer, ours, peer, …), so that both see the same weather. */
export async function measure(
  benchmark: Benchmark,
  rounds: number,
  progress: (line: string) => void,
  signal?: AbortSignal,
): Promise<BenchmarkResult> {
  await using prepared = await benchmark.prepare();
  const ours: number[] = [];
  const peers: number[] = [];
  for (let round = 1; round <= rounds; round++) {
    signal?.throwIfAborted();
    const mine = await prepared.ours();
    signal?.throwIfAborted();
    const theirs = await prepared.peer();
    ours.push(mine);
    peers.push(theirs);
    progress(
      `${benchmark.name} ${round}/${rounds}: ${digits(mine)} s, peer ${digits(theirs)} s, ratio ${digits(mine / theirs)}`,
    );
  }
  const { name, title, peer, aim } = benchmark;
  const remark = prepared.remark?.();
  const ratios = ours.map((seconds, round) => seconds / (peers[round] ?? Number.NaN));
  return {
    name,
    title,
    peer,
    aim,
    rounds,
    ours: summarize(ours),
    peers: summarize(peers),
    ratio: summarize(ratios),
    ...(remark !== undefined && { remark }),
  };
}

/** @throws RangeError without a value */
export function summarize(values: readonly number[]): Summary {
  const sorted = [...values].sort((a, b) => a - b);
  const least = sorted[0];
  const most = sorted.at(-1);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  if (least === undefined || most === undefined || upper === undefined || lower === undefined) {
    throw new RangeError("no value was measured");
  }
  return { median: (lower + upper) / 2, least, most };
}

/**
 * The value that so many in a hundred do not exceed, by rank: one that was measured.
 * @throws RangeError without a value
 */
export function percentile(values: readonly number[], percent: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
  if (value === undefined) throw new RangeError("no value was measured");
  return value;
}

/** Seconds that `work` takes. */
export async function time(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** The results as a table: median, and in brackets the range; below it the remarks. */
export function renderResults(results: readonly BenchmarkResult[]): string {
  const table = new Table({
    head: ["benchmark", "peer", "ours (s)", "peer (s)", "ratio", "aim"],
    style: { head: [], border: [] },
  });
  const show = ({ median, least, most }: Summary): string =>
    `${digits(median)} [${digits(least)}–${digits(most)}]`;
  for (const result of results) {
    table.push([
      result.title,
      result.peer,
      show(result.ours),
      show(result.peers),
      show(result.ratio),
      `≤ ${digits(result.aim)}`,
    ]);
  }
  const remarks = results.flatMap(({ title, remark }) =>
    remark === undefined ? [] : [`${title}: ${remark}`],
  );
  return [table.toString(), ...remarks].join("\n");
}

/** Three of them that count: `0.00382`, `9.76`, `2350`. */
function digits(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
