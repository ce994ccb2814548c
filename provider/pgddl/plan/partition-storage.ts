import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { PartitionCatalog } from "../catalog.ts";
import type { StorageSpec } from "../spec.ts";
import type { Change, Refusal } from "./difference.ts";
import { Overrides } from "./overrides.ts";
import { parameterChange, parameterName, rewriting, storageParametersSql } from "./storage-plan.ts";
import { isBig, sizeIn, sizeQuestion, type Answers, type Question } from "./question.ts";
import { quickly, type Statement, type TableName } from "./statement.ts";
import { lock } from "./table-locks.ts";

type Stored = Pick<PartitionCatalog, "schema" | "name" | "unlogged" | "tablespace" | "storageParameters">;

/** What becomes of a leaf's storage. */
export interface StorageChange {
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
  /** Of the catalogue alone. */
  readonly quick: readonly Statement[];
  /** Each writes or copies the table, and wants a transaction of its own. */
  readonly rewrites: readonly Statement[];
}

export function storageQuestions(live: Stored, wanted: StorageSpec): readonly Question[] {
  return isMoved(live, wanted) ? [sizeQuestion(live)] : [];
}

/** @param table its name by then */
export function planStorage(
  live: Stored,
  wanted: StorageSpec,
  answers: Answers,
  overrides: Overrides,
  table: TableName,
): StorageChange {
  const name = qualify(table.schema, table.name);
  const changes: Change[] = [];
  const refusals: Refusal[] = [];
  const rewrites: Statement[] = [];
  const size = sizeIn(answers, live);
  const rewrite = (path: string, from: string, to: string, clause: string): void => {
    changes.push({ path, kind: "update" });
    if (isBig(answers, live) && !overrides.allows("allowRewrite", "table")) {
      const why = "all its rows are written anew, and nobody can read or write the partition meanwhile";
      refusals.push({ path, from, to, why, hint: `Allow it: ${Overrides.hint("allowRewrite", "table")}.` });
    }
    rewrites.push(rewriting(`ALTER TABLE ${name} ${clause}`, table, size));
  };
  if (wanted.unlogged !== undefined || live.unlogged === true) {
    const [is, will] = [live.unlogged === true, wanted.unlogged === true];
    if (is !== will) rewrite("unlogged", String(is), String(will), will ? "SET UNLOGGED" : "SET LOGGED");
  }
  if (wanted.tablespace !== live.tablespace) {
    const to = wanted.tablespace ?? "pg_default";
    rewrite("tablespace", live.tablespace ?? "the database's", to, `SET TABLESPACE ${quoteIdentifier(to)}`);
  }
  const { set, reset } = parameterChange(live.storageParameters ?? {}, wanted.storageParameters ?? {});
  const alone = { locks: [lock("SHARE UPDATE EXCLUSIVE", table)] };
  const quick: Statement[] = [];
  if (set.length > 0) {
    quick.push(quickly(`ALTER TABLE ${name} SET (${storageParametersSql(Object.fromEntries(set))})`, alone));
  }
  if (reset.length > 0) {
    quick.push(quickly(`ALTER TABLE ${name} RESET (${reset.map(parameterName).join(", ")})`, alone));
  }
  if (quick.length > 0) changes.push({ path: "storageParameters", kind: "update" });
  return { changes, refusals, quick, rewrites };
}

function isMoved(live: Stored, wanted: StorageSpec): boolean {
  const isLogged = (live.unlogged === true) !== (wanted.unlogged === true);
  return isLogged || live.tablespace !== wanted.tablespace;
}
