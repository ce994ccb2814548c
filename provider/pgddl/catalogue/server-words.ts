import type { PoolClient, QueryResultRow } from "pg";
import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import { describeTable, readRelation, type Relation } from "./tables.ts";
import { columnSql, type ColumnDefinition } from "../plan/column-sql.ts";
import type { Database, Session } from "../server/database.ts";
import type { ColumnSpec, TableSpec } from "../spec.ts";
import { explain } from "../server/sql-fault.ts";
import { canonicalType, integerBehind } from "../plan/type-name.ts";
import { isCostUnsure, type ToldColumn } from "../plan/wanted-column.ts";
import type { ServerWords } from "../plan/wanted-table.ts";

/**
 * How the server prints the types, defaults and checks of `spec`: makes a temporary table of them and rolls it
 * back. Nothing else knows every spelling, cast and bracket that it adds.
 * @throws UserError with the statement when the server does not take it
 */
export async function askServer(
  database: Database,
  spec: TableSpec,
  signal: AbortSignal,
): Promise<ServerWords> {
  const parts = [
    ...spec.columns.map((column) => {
      return columnSql(worded(column));
    }),
    ...(spec.checks ?? []).map(
      (check) => `CONSTRAINT ${quoteIdentifier(check.name)} CHECK (${check.expression})`,
    ),
  ];
  // The table's own name, since a check may say it.
  const sql = `CREATE TEMPORARY TABLE ${quoteIdentifier(spec.name)} (${parts.join(", ")}) ON COMMIT DROP`;
  return database.write(signal, true, async (client) => {
    await client.query("BEGIN");
    try {
      const query = { text: sql, queryMode: "extended" };
      await client.query(query);
      const session = sessionOf(client);
      const [row] = await session.query<{ schema: string }>(
        "SELECT nspname AS schema FROM pg_namespace WHERE oid = pg_my_temp_schema()",
      );
      const relation = await readRelation(session, row?.schema ?? "", spec.name);
      if (!relation) throw new Error("the temporary table is not there");
      const { columns, checks } = await describeTable(session, relation);
      const costs = new Map<string, boolean>();
      for (const [at, column] of spec.columns.entries()) {
        if (isCostUnsure(column)) costs.set(column.name, await isRewriting(client, relation, column, at));
      }
      const told = columns.map((column): ToldColumn => {
        const rewritesWhenAdded = costs.get(column.name);
        return { ...column, ...(rewritesWhenAdded !== undefined && { rewritesWhenAdded }) };
      });
      return { columns: told, checks };
    } catch (error) {
      throw explain(error, `table ${spec.schema}.${spec.name}, put to the server as a temporary table`, sql);
    } finally {
      await client.query("ROLLBACK").catch(() => undefined);
    }
  });
}

/**
 * What of a column has words to compare. NOT NULL has none, and a domain's could refuse it; a sequence is not to be
 * made; and where a generated column's values are, older servers cannot say.
 */
function worded(column: ColumnSpec): ColumnDefinition {
  const { name, default: expression, generated, collation } = column;
  const type = integerBehind(canonicalType(column.type)) ?? column.type;
  return { name, type, default: expression, generated, collation };
}

/** Whether ADD COLUMN writes the table anew: tried, since a default's functions and a domain's checks decide it. */
async function isRewriting(
  client: PoolClient,
  { oid, schema, name }: Relation,
  column: ColumnSpec,
  at: number,
): Promise<boolean> {
  const file = async (): Promise<string> => {
    const sql = "SELECT pg_catalog.pg_relation_filenode($1)::text AS file";
    const { rows } = await client.query<{ file: string }>(sql, [oid]);
    return rows[0]?.file ?? "";
  };
  const before = await file();
  const definition = columnSql({ ...worded(column), name: `pgddl_probe_${at}` });
  const text = `ALTER TABLE ${qualify(schema, name)} ADD COLUMN ${definition}`;
  const query = { text, queryMode: "extended" };
  await client.query(query);
  return (await file()) !== before;
}

function sessionOf(client: PoolClient): Session {
  return {
    query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(sql, [...values])).rows,
  };
}
