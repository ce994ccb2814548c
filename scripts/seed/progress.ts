import { SingleBar } from "cli-progress";

/** Told by a seed how far it is. `rows` counts on from the last call. */
export interface SeedProgress {
  start(total: number): void;
  advance(table: string, rows: number): void;
  done(): void;
}

/** A bar on a terminal, a line a table elsewhere. */
export function seedProgress(stream: NodeJS.WriteStream): SeedProgress {
  return stream.isTTY ? barProgress(stream) : lineProgress((line) => stream.write(`${line}\n`));
}

export function barProgress(stream: NodeJS.WritableStream): SeedProgress {
  const bar = new SingleBar({
    format: "seed {bar} {value}/{total} rows  {table}",
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 30,
    hideCursor: true,
    clearOnComplete: true,
    stream,
  });
  return {
    start: (total) => {
      bar.start(total, 0, { table: "" });
    },
    advance: (table, rows) => {
      bar.increment(rows, { table });
    },
    done: () => {
      bar.stop();
    },
  };
}

/** One line for each table when it is through, for logs. */
export function lineProgress(write: (line: string) => void): SeedProgress {
  let total = 0;
  let sum = 0;
  let current: { table: string; rows: number } | undefined;
  const close = (): void => {
    if (current) write(`seed: ${current.table}: ${current.rows} rows (${sum} of ${total})`);
    current = undefined;
  };
  return {
    start: (rows) => {
      total = rows;
    },
    advance: (table, rows) => {
      if (current?.table !== table) close();
      current = { table, rows: (current?.rows ?? 0) + rows };
      sum += rows;
    },
    done: close,
  };
}
