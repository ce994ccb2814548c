import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import fc from "fast-check";
import { Client } from "pg";
import { clientConfig } from "../../lib/connection.ts";
import { boundSql } from "../../provider/pgddl/plan/bound.ts";
import { compareRows, isOverlap } from "../../provider/pgddl/plan/bound-algebra.ts";
import { predicateOf } from "../../provider/pgddl/plan/bound-predicate.ts";
import type { KeyColumn } from "../../provider/pgddl/plan/bound-values.ts";
import type { BoundSpec } from "../../provider/pgddl/spec.ts";
import { startPostgres, type PostgresServer } from "../helpers/postgres-server.ts";

interface Subject {
  readonly name: string;
  readonly strategy: "RANGE" | "LIST" | "HASH";
  readonly key: readonly KeyColumn[];
  /** Rows of the key, as SQL. */
  readonly rows: string;
  readonly bound: fc.Arbitrary<BoundSpec>;
}

const integer = (name: string): KeyColumn => ({ name, type: "integer" });
const days = Array.from({ length: 9 }, (_, at) => `2024-0${at + 1}-01`);
const zones = [
  "2024-03-01",
  "2024-03-01 00:00+02",
  "2024-02-29 23:30:00.5-00:30",
  "2024-03-01 00:00:00Z",
  "2024-03-02",
];
const texts = ["a", "b", "B", "é", "it's", "a, b", "NULL"];

const subjects: readonly Subject[] = [
  rangeSubject(
    "dates",
    [{ name: "a", type: "date" }],
    days,
    "SELECT generate_series('2023-12-30'::date, '2024-09-03', '1 day')",
  ),
  rangeSubject(
    "moments",
    [{ name: "a", type: "timestamp with time zone" }],
    zones,
    "SELECT unnest(ARRAY['2024-02-29 21:59Z', '2024-02-29 22:00Z', '2024-03-01Z', '2024-03-01 00:00:00.5Z', '2024-03-02Z', 'infinity']::timestamptz[])",
  ),
  rangeSubject(
    "numbers",
    [{ name: "a", type: "numeric" }],
    ["-1.5", "-1.50", "0", "0.001", "2", "10"],
    "SELECT n * 0.5 FROM generate_series(-6, 22) AS n",
  ),
  rangeSubject(
    "two columns",
    [integer("a"), integer("b")],
    ["-1", "0", "1", "2"],
    "SELECT a, b FROM generate_series(-2, 3) AS a, generate_series(-2, 3) AS b",
  ),
  rangeSubject(
    "three columns",
    [integer("a"), integer("b"), integer("c")],
    ["0", "1"],
    "SELECT a, b, c FROM generate_series(-1, 2) AS a, generate_series(-1, 2) AS b, generate_series(-1, 2) AS c",
  ),
  {
    name: "a list of texts",
    strategy: "LIST",
    key: [{ name: "a", type: "text" }],
    rows: `SELECT unnest(ARRAY['a', 'b', 'B', 'é', 'it''s', 'a, b', NULL, 'z'])`,
    bound: fc
      .uniqueArray(fc.constantFrom(...texts), { minLength: 1, maxLength: 3 })
      .map((values) => ({ in: values })),
  },
  {
    name: "a list of numbers",
    strategy: "LIST",
    key: [integer("a")],
    rows: "SELECT unnest(ARRAY[-1, 1, 2, 3, NULL])",
    bound: fc
      .uniqueArray(fc.constantFrom("-1", "1", "2", "NULL"), { minLength: 1, maxLength: 3 })
      .map((values) => ({ in: values })),
  },
  {
    name: "remainders",
    strategy: "HASH",
    key: [integer("a"), { name: "b", type: "text" }],
    rows: "SELECT n, CASE WHEN n % 3 > 0 THEN n::text END FROM generate_series(1, 40) AS n",
    bound: fc
      .tuple(fc.constantFrom(1, 2, 4, 8), fc.nat(7))
      .map(([modulus, remainder]) => ({ modulus, remainder: remainder % modulus })),
  },
];

function rangeSubject(
  name: string,
  key: readonly KeyColumn[],
  values: readonly string[],
  rows: string,
): Subject {
  const point = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...values) },
    { weight: 1, arbitrary: fc.constantFrom("MINVALUE", "MAXVALUE") },
  );
  const end = fc.array(point, { minLength: key.length, maxLength: key.length }).map((row) => {
    // Behind MINVALUE or MAXVALUE the server takes nothing else.
    const at = row.findIndex((text) => text === "MINVALUE" || text === "MAXVALUE");
    return at < 0 ? row : row.map((text, place) => (place < at ? text : (row[at] ?? text)));
  });
  const bound = fc
    .tuple(end, end)
    .filter(([from, to]) => compareRows(key, from, to) !== 0)
    .map(([a, b]): BoundSpec =>
      (compareRows(key, a, b) ?? 0) < 0 ? { from: a, to: b } : { from: b, to: a },
    );
  return { name, strategy: "RANGE", key, rows, bound };
}

describe("bounds mean to the planner what they mean to PostgreSQL", () => {
  let server: PostgresServer;
  let client: Client;
  before(async () => {
    server = await startPostgres();
    client = new Client(clientConfig(server.superuser, "ecosphere-test"));
    await client.connect();
    await client.query("SET TimeZone = 'UTC'; SET DateStyle = 'ISO, YMD'");
  });
  after(async () => {
    await client.end();
    await server[Symbol.asyncDispose]();
  });

  for (const subject of subjects) {
    test(`${subject.name}: overlap, and the rows inside and outside`, async () => {
      const { key, strategy, rows } = subject;
      const columns = key.map(({ name, type }) => `${name} ${type}`).join(", ");
      const names = key.map(({ name }) => name);
      const context = { columns: names, parent: { schema: "public", name: "p" } };
      let overlaps = 0;
      await fc.assert(
        fc.asyncProperty(subject.bound, subject.bound, async (first, second) => {
          await client.query("BEGIN");
          try {
            await client.query(`CREATE TABLE p (${columns}) PARTITION BY ${strategy} (${names.join(", ")})`);
            await client.query(`CREATE TABLE p_1 PARTITION OF p ${boundSql(first)}`);
            await client.query("SAVEPOINT s");
            const isRefused = await client.query(`CREATE TABLE p_2 PARTITION OF p ${boundSql(second)}`).then(
              () => false,
              (error: unknown) => {
                assert.match(String(error), /would overlap/);
                return true;
              },
            );
            await client.query("ROLLBACK TO s");
            assert.equal(isOverlap(key, first, second), isRefused);
            overlaps += Number(isRefused);
            if (strategy !== "HASH") await client.query("CREATE TABLE p_rest PARTITION OF p DEFAULT");
            await client.query(
              `CREATE TEMPORARY TABLE drawn ON COMMIT DROP AS SELECT * FROM (${rows}) AS r (${names.join(", ")})`,
            );
            const inside = predicateOf(first, { ...context, siblings: [] });
            const rest = predicateOf({ isDefault: true }, { ...context, siblings: [first] });
            const { rows: found } = await client.query<{ inside: unknown; real: unknown; rest: unknown }>(
              `SELECT (${inside}) AS inside, (${rest}) AS rest,
                      (${realConstraint(await constraintOf(client))}) AS real FROM drawn`,
            );
            assert.ok(found.length > 0);
            for (const row of found) {
              assert.equal(row.inside, row.real);
              assert.equal(row.rest, row.real === false);
            }
          } finally {
            await client.query("ROLLBACK");
          }
        }),
        { numRuns: 60 },
      );
      assert.ok(overlaps > 0, "no two bounds overlapped");
    });
  }
});

/** What PostgreSQL itself holds the rows of p_1 to. */
async function constraintOf(client: Client): Promise<string> {
  const { rows } = await client.query<{ text: string }>(
    "SELECT pg_get_partition_constraintdef('p_1'::regclass) AS text",
  );
  return rows[0]?.text ?? "";
}

/** An unbounded side leaves less than a condition. */
function realConstraint(text: string): string {
  return text === "" ? "true" : text;
}
