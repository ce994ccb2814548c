import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import {
  commerceIndexes,
  commerceTables,
  schemaName,
  secondaryIndexes,
} from "../../../lib/commerce-model.ts";
import { projectRoot } from "../../../lib/paths.ts";
import { shopQueries } from "../../../scripts/queries/shop-queries.ts";
import { sqlOf, type ShopQuery } from "../../../scripts/queries/shop-query.ts";

test("each query has its file, and each file its query", () => {
  const files = readdirSync(join(projectRoot, "scripts", "queries")).filter((name) => name.endsWith(".sql"));
  assert.deepEqual(files.sort(), shopQueries.map(({ name }) => `${name}.sql`).sort());
});

for (const query of shopQueries) {
  describe(query.name, () => {
    const comment = sqlOf(query).split("\nSELECT")[0] ?? "";
    const sql = withoutComments(sqlOf(query));

    test("uses every parameter, and says of each what it is", () => {
      const numbers = [...new Set(sql.match(/\$\d+/g))].sort();
      assert.deepEqual(
        numbers,
        query.parameters.map((_, at) => `$${at + 1}`),
      );
      for (const [at, { name }] of query.parameters.entries()) {
        assert.ok(comment.includes(`$${at + 1} ${name}`), `$${at + 1} ${name}`);
      }
    });

    test("casts every parameter, so that none is guessed", () => {
      assert.doesNotMatch(sql, /\$\d+(?!\d|::)/);
    });

    test("names its tables with their schema, so that no search_path matters", () => {
      assert.ok(tablesOf(sql).length > 0);
      for (const table of tablesOf(sql)) {
        assert.ok(
          commerceTables.some(({ name }) => table === `${schemaName}.${name}`),
          table,
        );
      }
    });

    test("ends in an order", () => {
      assert.match(sql, /\nORDER BY .+\n(LIMIT .+\n)?$/);
    });

    test("expects its tables to be read by indexes that the model has, of their table", () => {
      for (const { table, by } of query.reads) {
        assert.ok(tablesOf(sql).includes(`${schemaName}.${table}`), table);
        for (const index of by) assert.ok(indexesOf(table).includes(index), `${table} by ${index}`);
      }
    });
  });
}

test("every index that is there for a query is one that a query is held to", () => {
  const used = new Set(shopQueries.flatMap(({ reads }: ShopQuery) => reads.flatMap(({ by }) => by)));
  for (const { name } of commerceIndexes) assert.ok(used.has(name), name);
});

function withoutComments(sql: string): string {
  return sql.replace(/^\s*--.*\n/gm, "");
}

/** What follows FROM and JOIN, functions and subqueries excepted. */
function tablesOf(sql: string): string[] {
  return [...sql.matchAll(/\b(?:FROM|JOIN)\s+(?!LATERAL\b)([\w.]+)(?![\w.(])/g)].map(([, name = ""]) => name);
}

function indexesOf(table: string): string[] {
  const own = secondaryIndexes.filter((index) => index.table === table);
  return [`${table}_pkey`, ...own.map(({ name }) => name)];
}
