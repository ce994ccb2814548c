import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import pg from "pg";
import { clientConfig } from "../../lib/connection.ts";
import { identifierFault, qualify, quoteIdentifier, quoteLiteral } from "../../lib/identifier.ts";
import { parseIndex } from "../../provider/pgddl/check/index-check.ts";
import { parseTable } from "../../provider/pgddl/check/table-check.ts";
import { planIndexCreate } from "../../provider/pgddl/plan/index-build.ts";
import { planTableCreate } from "../../provider/pgddl/plan/table-create-plan.ts";
import type { Plan } from "../../provider/pgddl/plan/statement.ts";
import { hostileText, isName, isStorable } from "../helpers/hostile-text.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";

const name = hostileText.filter(
  // There is a schema public already.
  (text) => isName(text) && identifierFault(text) === undefined && text !== "public",
);
const text = hostileText.filter(isStorable);

describe("a real server, whatever the text", () => {
  let server: PostgresServer;
  let client: pg.Client;
  before(async () => {
    server = await startPostgres();
    client = new pg.Client(clientConfig(server.superuser, "fuzz"));
    await client.connect();
  });
  after(async () => {
    await client.end();
    await server[Symbol.asyncDispose]();
  });

  test("gives names and texts back as they were quoted", async () => {
    await fc.assert(
      fc.asyncProperty(name, text, async (column, value) => {
        const sql = `SELECT ${quoteLiteral(value)} AS ${quoteIdentifier(column)}, $1::text AS ${quoteIdentifier(`x`)}`;
        const { rows, fields } = await client.query<unknown[]>({
          text: sql,
          values: [value],
          rowMode: "array",
        });
        assert.equal(fields[0]?.name, column);
        assert.deepEqual(rows, [[value, value]]);
      }),
      { numRuns: 400 },
    );
  });

  test("makes the schema, table, key, index and comments of a plan, with these names and no other object", async () => {
    const names = fc.uniqueArray(name, { minLength: 6, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        names,
        text,
        async ([schema = "", table = "", a = "", b = "", key = "", index = ""], said) => {
          const comment = said.trim() === "" ? "comment" : said;
          const made = { schema, name: table, comment, primaryKey: { name: key, columns: [a] } };
          const columns = [
            { name: a, type: "integer", comment },
            { name: b, type: "text" },
          ];
          const tableSpec = parseTable({ ...made, columns });
          const indexSpec = parseIndex({ schema, table, name: index, columns: [b], comment });
          assert.ok(tableSpec.spec && indexSpec.spec, JSON.stringify([tableSpec.faults, indexSpec.faults]));
          await client.query("BEGIN");
          try {
            await client.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`);
            await carryOut([
              ...planTableCreate(tableSpec.spec),
              ...planIndexCreate(indexSpec.spec, undefined),
            ]);
            const { rows } = await client.query<Record<string, unknown>>(found, [schema]);
            assert.deepEqual(rows, [
              {
                relations: [table, key, index].sort(inBytes),
                columns: [a, b],
                comments: [comment, comment, comment],
                others: 0,
              },
            ]);
            const { rows: byName } = await client.query(
              `SELECT count(*)::int FROM ${qualify(schema, table)}`,
            );
            assert.deepEqual(byName, [{ count: 0 }]);
          } finally {
            await client.query("ROLLBACK");
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  async function carryOut(plan: Plan): Promise<void> {
    for (const { sql } of plan.flatMap(({ statements }) => statements)) await client.query(sql);
  }
});

/** What a schema holds, and how many schemas are there beside it that nobody has asked for. */
const found = `
  SELECT (SELECT array_agg(relname::text ORDER BY relname COLLATE "C") FROM pg_class c WHERE c.relnamespace = n.oid
            AND relkind IN ('r', 'i')) AS relations,
         (SELECT array_agg(attname::text ORDER BY attnum) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
           WHERE c.relnamespace = n.oid AND relkind = 'r' AND attnum > 0) AS columns,
         (SELECT array_agg(d.description) FROM pg_description d JOIN pg_class c ON c.oid = d.objoid
           WHERE c.relnamespace = n.oid) AS comments,
         (SELECT count(*)::int FROM pg_namespace o
           WHERE o.oid >= 16384 AND o.oid <> n.oid) AS others
    FROM pg_namespace n WHERE nspname = $1`;

function inBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}
