import { z } from "zod";
import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { TableCatalog } from "../catalog.ts";
import type { StorageSpec } from "../spec.ts";
import { Overrides } from "./overrides.ts";
import { answerTo, isBig, sizeIn, sizeQuestion, type Question } from "./question.ts";
import { atLength, quickly, type Statement, type TableName } from "./statement.ts";
import type { NamedChange, PartBuilder, PlannedChange } from "./table-part.ts";

const defaultTablespace: Question = {
  key: "default tablespace",
  sql: `
    SELECT t.spcname AS name FROM pg_catalog.pg_database d
      JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
     WHERE d.datname = pg_catalog.current_database()`,
};

export function storageQuestions(change: NamedChange): readonly Question[] {
  const { live, wanted } = change;
  const moves = isElsewhere(change);
  const rewrites = moves || isUnlogged(live) !== isUnlogged(wanted);
  return [...(moves ? [defaultTablespace] : []), ...(rewrites ? [sizeQuestion(live)] : [])];
}

/** Where and how the rows are stored. A partitioned table has none, and a check of the inputs says so. */
export function storagePart(part: PartBuilder, change: PlannedChange): void {
  const { live, wanted, answers } = change;
  const alter = `ALTER TABLE ${qualify(change.table.schema, change.table.name)}`;
  const { set, reset } = parameterChange(live.storageParameters ?? {}, wanted.storageParameters ?? {});
  if (set.length + reset.length > 0) part.change("storageParameters");
  const write = (sql: string, names: readonly string[]): void => {
    // Readers of the catalogue have to agree on this one; the others do not mind.
    const mode = names.includes("user_catalog_table") ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE";
    part.quick("finish", quickly(`${alter} ${sql}`, { locks: [{ mode, on: change.table }] }));
  };
  if (set.length > 0) {
    write(
      `SET (${storageParametersSql(Object.fromEntries(set))})`,
      set.map(([name]) => name),
    );
  }
  if (reset.length > 0) write(`RESET (${reset.map(parameterName).join(", ")})`, reset);
  if (isUnlogged(live) !== isUnlogged(wanted)) {
    const unlogged = isUnlogged(wanted);
    rewrite(part, change, {
      path: "unlogged",
      from: String(isUnlogged(live)),
      to: String(unlogged),
      sql: `${alter} SET ${unlogged ? "UNLOGGED" : "LOGGED"}`,
    });
    if (unlogged) {
      part.warn("an unlogged table is empty after a crash of the server, and on every replica at all times");
    }
  }
  if (!isElsewhere(change)) return;
  const usual = answerTo(answers, defaultTablespace.key, z.object({ name: z.string() }))?.name;
  const [from, to] = [live.tablespace ?? usual, wanted.tablespace ?? usual];
  if (from === to && from !== undefined) return;
  rewrite(part, change, {
    path: "tablespace",
    from: from ?? "the database's own",
    to: to ?? "the database's own",
    sql: `${alter} SET TABLESPACE ${quoteIdentifier(to ?? "pg_default")}`,
  });
}

interface Rewrite {
  readonly path: string;
  readonly from: string;
  readonly to: string;
  readonly sql: string;
}

/** Writes the whole table anew, while nobody reads or writes it. */
function rewrite(part: PartBuilder, change: PlannedChange, { path, from, to, sql }: Rewrite): void {
  const { live, answers, overrides, table: on } = change;
  const isAllowed = overrides.allows("allowRewrite", "table");
  if (isBig(answers, live) && !isAllowed) {
    part.refuse({
      path,
      from,
      to,
      why: "the whole table is written anew, and nobody can read or write it meanwhile",
      hint: `When that is all right, add ${Overrides.hint("allowRewrite", "table")}.`,
    });
    return;
  }
  part.change(path);
  const size = sizeIn(answers, live);
  part.alone("finish", rewriting(sql, on, size));
}

/** A statement that writes the table anew, while nobody reads or writes it. */
export function rewriting(sql: string, on: TableName, size: Statement["size"]): Statement {
  return atLength(sql, {
    locks: [{ mode: "ACCESS EXCLUSIVE", on }],
    rewrites: true,
    ...(size && { size }),
    hazards: ["blocks reads and writes", "takes long on a big table"],
  });
}

/** What a table is made with: ` WITH (…) TABLESPACE …`, or nothing. */
export function storageSql({ tablespace, storageParameters = {} }: StorageSpec): string {
  const parameters = storageParametersSql(storageParameters);
  const options = parameters === "" ? "" : ` WITH (${parameters})`;
  return options + (tablespace === undefined ? "" : ` TABLESPACE ${quoteIdentifier(tablespace)}`);
}

/** `"fillfactor" = '70', "toast"."autovacuum_enabled" = 'off'` */
export function storageParametersSql(parameters: Readonly<Record<string, string>>): string {
  return Object.entries(parameters)
    .map(([name, value]) => `${parameterName(name)} = ${quoteLiteral(value)}`)
    .join(", ");
}

/** `"toast"."autovacuum_enabled"` */
export function parameterName(name: string): string {
  return name.split(".").map(quoteIdentifier).join(".");
}

/** What to SET and what to RESET. */
export function parameterChange(
  from: Readonly<Record<string, string>>,
  to: Readonly<Record<string, string>>,
): { readonly set: readonly (readonly [string, string])[]; readonly reset: readonly string[] } {
  return {
    set: Object.entries(to).filter(([name, value]) => from[name] !== value),
    reset: Object.keys(from).filter((name) => !(name in to)),
  };
}

function isUnlogged({ unlogged }: StorageSpec | Pick<TableCatalog, "unlogged">): boolean {
  return unlogged === true;
}

/** Whether the tablespace may be another; the database's own, by its name, reads as none. */
function isElsewhere({ live, wanted, recorded }: NamedChange): boolean {
  if (live.tablespace === wanted.tablespace) return false;
  const isRecorded = recorded?.spec.tablespace === wanted.tablespace;
  return !isRecorded || recorded?.catalog.tablespace !== live.tablespace;
}
