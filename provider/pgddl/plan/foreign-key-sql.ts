import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { ForeignKeySpec } from "../spec.ts";
import { referencedTable, type ForeignKeyTables } from "./foreign-key-facts.ts";
import { atLength, briefly, quickly, type Statement, type TableLock, type TableName } from "./statement.ts";
import { isSameTable, lock } from "./table-locks.ts";

/** ADD CONSTRAINT, under `name`; without a look at the rows that are there, where the server can do that. */
export function addForeignKey(
  spec: ForeignKeySpec,
  name: string,
  tables: ForeignKeyTables | undefined,
): Statement {
  const { references } = spec;
  const own = { schema: spec.schema, name: spec.table };
  const canWait = tables?.canWaitToValidate !== false;
  const list = (columns: readonly string[]): string => columns.map(quoteIdentifier).join(", ");
  const on = (event: string, action: string | undefined): string =>
    action === undefined || action === "no action" ? "" : ` ON ${event} ${action.toUpperCase()}`;
  const referenced = referencedTable(spec);
  const sql =
    `ALTER TABLE ${qualify(own.schema, own.name)} ADD CONSTRAINT ${quoteIdentifier(name)} ` +
    `FOREIGN KEY (${list(spec.columns)}) ` +
    `REFERENCES ${qualify(referenced.schema, referenced.name)} (${list(references.columns)})` +
    `${on("DELETE", spec.onDelete)}${on("UPDATE", spec.onUpdate)}${deferrableSql(spec.deferrable)}` +
    (canWait ? " NOT VALID" : "");
  return (canWait ? quickly : atLength)(sql, {
    locks: bothSides("SHARE ROW EXCLUSIVE", own, referenced),
    scans: !canWait,
    ...(tables?.canWaitToValidate === false && tables.size && { size: tables.size }),
    hazards: canWait ? ["blocks writes"] : ["blocks writes", "takes long on a big table"],
  });
}

/** Reads every row under a lock that lets writes go on. */
export function validateForeignKey(
  own: TableName,
  name: string,
  tables: ForeignKeyTables | undefined,
): Statement {
  return atLength(alter(own, `VALIDATE CONSTRAINT ${quoteIdentifier(name)}`), {
    locks: [lock("SHARE UPDATE EXCLUSIVE", own, true)],
    scans: true,
    ...(tables?.size && { size: tables.size }),
  });
}

export function dropForeignKey(own: TableName, name: string, referenced: TableName): Statement {
  return quickly(alter(own, `DROP CONSTRAINT ${quoteIdentifier(name)}`), {
    locks: bothSides("ACCESS EXCLUSIVE", own, referenced),
    hazards: ["drops an object", "blocks reads and writes"],
  });
}

export function renameForeignKey(own: TableName, from: string, to: string): Statement {
  return briefly(alter(own, `RENAME CONSTRAINT ${quoteIdentifier(from)} TO ${quoteIdentifier(to)}`), own);
}

export function deferForeignKey(
  own: TableName,
  name: string,
  deferrable: ForeignKeySpec["deferrable"],
): Statement {
  const what = deferrable === undefined ? " NOT DEFERRABLE" : deferrableSql(deferrable);
  return briefly(alter(own, `ALTER CONSTRAINT ${quoteIdentifier(name)}${what}`), own, {
    withPartitions: true,
  });
}

function deferrableSql(deferrable: ForeignKeySpec["deferrable"]): string {
  return deferrable === undefined ? "" : ` DEFERRABLE ${deferrable.toUpperCase()}`;
}

function alter(own: TableName, what: string): string {
  return `ALTER TABLE ${qualify(own.schema, own.name)} ${what}`;
}

function bothSides(mode: TableLock["mode"], own: TableName, referenced: TableName): readonly TableLock[] {
  const sides = isSameTable(own, referenced) ? [own] : [own, referenced];
  return sides.map((on) => lock(mode, on, true));
}
