import type { PoolClient, QueryResultRow } from "pg";
import { quoteIdentifier } from "../../../lib/identifier.ts";
import { describeTable, readRelation } from "./tables.ts";
import { columnSql } from "../plan/column-sql.ts";
import type { Database, Session } from "../server/database.ts";
import type { TableSpec } from "../spec.ts";
import { explain } from "../server/sql-fault.ts";
import { canonicalType, integerBehind } from "../plan/type-name.ts";
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
      const type = integerBehind(canonicalType(column.type)) ?? column.type;
      // NOT NULL has no text to compare, and a domain's could refuse it.
      return columnSql({ ...column, type, notNull: false });
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
      return { columns, checks };
    } catch (error) {
      throw explain(error, `table ${spec.schema}.${spec.name}, put to the server as a temporary table`, sql);
    } finally {
      await client.query("ROLLBACK").catch(() => undefined);
    }
  });
}

function sessionOf(client: PoolClient): Session {
  return {
    query: async <Row extends QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await client.query<Row>(sql, [...values])).rows,
  };
}
