import { SingleBar } from "cli-progress";
import type { RowRange } from "./generate/row-range.ts";

/** Told by a seed how far it is. */
export interface SeedProgress {
  /** What is about to be written; again when some of it turns out to be lost. */
  readonly start: (ranges: readonly RowRange[]) => void;
  /** So many more rows; negative for rows that are written once more. */
  readonly advance: (table: string, rows: number) => void;
  /** Nothing moves just now. */
  readonly waiting: (reason: string) => void;
  /** The rows are written; this comes after them. */
  readonly finishing: (what: string) => void;
  readonly done: () => void;
}

/** For a seed whose progress nobody looks at. */
export const silentProgress: SeedProgress = {
  start: () => undefined,
  advance: () => undefined,
  waiting: () => undefined,
  finishing: () => undefined,
  done: () => undefined,
};

/** A bar on a terminal, a line now and then elsewhere. */
export function seedProgress(stream: NodeJS.WriteStream): SeedProgress {
  return stream.isTTY ? barProgress(stream) : lineProgress((line) => stream.write(`${line}\n`));
}

export function barProgress(stream: NodeJS.WritableStream): SeedProgress {
  const bar = new SingleBar({
    format: "seed {bar} {value}/{total} rows  {speed}  {table}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 24,
    hideCursor: true,
    clearOnComplete: true,
    stream,
  });
  let pace = new Pace([]);
  return {
    start: (ranges) => {
      pace = new Pace(ranges);
      bar.start(pace.total, 0, { table: "", speed: "" });
    },
    advance: (table, rows) => {
      pace.advance(table, rows);
      bar.update(Math.max(0, pace.rows), { table, speed: pace.describe() });
    },
    waiting: (reason) => {
      bar.update({ table: `waiting: ${reason}` });
    },
    finishing: (what) => {
      bar.update({ table: what, speed: "" });
    },
    done: () => {
      bar.stop();
    },
  };
}

const everyMs = 5000;

/** For logs: a line for each table that is through, and one every five seconds in between. */
export function lineProgress(
  write: (line: string) => void,
  now: () => number = () => performance.now(),
): SeedProgress {
  let pace = new Pace([], now);
  let last = now();
  let lastReason = "";
  const say = (line: string): void => {
    last = now();
    write(`seed: ${line}`);
  };
  return {
    start: (ranges) => {
      pace = new Pace(ranges, now);
      last = now();
    },
    advance: (table, rows) => {
      lastReason = "";
      const isThrough = pace.advance(table, rows);
      const far = `${pace.rows} of ${pace.total} rows`;
      if (isThrough) say(`${table}: ${pace.rowsOf(table)} rows (${far})`);
      else if (now() - last >= everyMs) say(`${table}: ${far}, ${pace.describe()}`);
    },
    waiting: (reason) => {
      if (reason === lastReason || (lastReason !== "" && now() - last < everyMs)) return;
      lastReason = reason;
      say(`waiting: ${reason}`);
    },
    finishing: say,
    done: () => undefined,
  };
}

/** Counts rows, and tells from the time since the begin how fast they come and how long the rest takes. */
class Pace {
  readonly total: number;
  rows = 0;
  readonly #totals = new Map<string, number>();
  readonly #counts = new Map<string, number>();
  readonly #now: () => number;
  readonly #began: number;

  constructor(ranges: readonly RowRange[], now: () => number = () => performance.now()) {
    for (const { table, count } of ranges) {
      this.#totals.set(table, (this.#totals.get(table) ?? 0) + count);
    }
    this.total = ranges.reduce((sum, { count }) => sum + count, 0);
    this.#now = now;
    this.#began = now();
  }

  /** Returns whether the table is through with these rows. */
  advance(table: string, rows: number): boolean {
    const count = this.rowsOf(table) + rows;
    this.rows += rows;
    this.#counts.set(table, count);
    return rows > 0 && count === this.#totals.get(table);
  }

  rowsOf(table: string): number {
    return this.#counts.get(table) ?? 0;
  }

  /** `85,000 rows/s, 34 s left`. */
  describe(): string {
    const seconds = Math.max((this.#now() - this.#began) / 1000, 0.001);
    const rate = this.rows / seconds;
    const left = rate > 0 ? `, ${duration((this.total - this.rows) / rate)} left` : "";
    return `${Math.round(rate).toLocaleString("en")} rows/s${left}`;
  }
}

/** `34 s`, `12 min`, `2.5 h`. */
function duration(seconds: number): string {
  if (seconds < 120) return `${Math.ceil(seconds)} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}
