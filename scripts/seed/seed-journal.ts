import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { seedPlanSchema } from "./seed-plan.ts";

const journalSchema = z.object({
  /** Server and database; a journal of another one says nothing about this one. */
  identity: z.string(),
  /** `truncate`: the tables are about to be emptied, in one transaction. `write`: rows are being written. */
  phase: z.enum(["truncate", "write"]),
  plan: seedPlanSchema,
});

/** What an unfinished seed was about to write: defaults such as today's date would differ on another day. */
export type SeedJournal = Readonly<z.infer<typeof journalSchema>>;

/** The journal of this database, or undefined: none, of another database, or unreadable. */
export function readJournal(path: string, identity: string): SeedJournal | undefined {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
  const parsed = journalSchema.safeParse(parseJson(text));
  return parsed.success && parsed.data.identity === identity ? parsed.data : undefined;
}

export function writeJournal(path: string, journal: SeedJournal): void {
  mkdirSync(dirname(path), { recursive: true });
  // A rename is whole or not at all: a kill in between leaves the journal before.
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${JSON.stringify(journal, undefined, 2)}\n`, { flush: true });
  renameSync(draft, path);
}

export function removeJournal(path: string): void {
  rmSync(path, { force: true });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
