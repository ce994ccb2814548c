import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { unknown } from "../../../provider/host/values.ts";
import { parseForeignKey } from "../../../provider/pgddl/check/foreign-key-check.ts";
import { parseIndex } from "../../../provider/pgddl/check/index-check.ts";
import { parseSchema } from "../../../provider/pgddl/check/schema-check.ts";
import { parsePartition } from "../../../provider/pgddl/check/partition-check.ts";
import { parseTable } from "../../../provider/pgddl/check/table-check.ts";
import type { Fault } from "../../../lib/errors.ts";

const paths = (faults: readonly Fault[]): string[] => faults.map((fault) => fault.property).sort();
const part = (bound: object): Fault["property"][] =>
  paths(parsePartition({ schema: "s", name: "p", parent: "t", bound: { ...bound } }).faults);

describe("check of a table", () => {
  test("reports every fault at once, each with its path", () => {
    const { faults, spec } = parseTable({
      schema: "",
      name: "x".repeat(64),
      owner: "pg_me",
      colums: [],
      columns: [
        { name: "id", type: "int", nullable: true },
        { name: "id", type: "text" },
        { name: "n\0", type: "" },
        { name: "s", type: "serial", default: "1" },
        { name: "b", type: 5, notNull: "yes" },
      ],
      primaryKey: { columns: ["id", "nope"] },
      uniques: [{ name: "c", columns: [] }],
      checks: [{ name: "c", expression: "true" }, { name: "d" }],
      partitionBy: { strategy: "rang", columns: ["s"] },
    });
    assert.equal(spec, undefined);
    assert.deepEqual(paths(faults), [
      "checks[0].name",
      "checks[1].expression",
      "columns[0].nullable",
      "columns[1].name",
      "columns[2].name",
      "columns[2].type",
      "columns[3].default",
      "columns[4].notNull",
      "columns[4].type",
      "colums",
      "name",
      "owner",
      "partitionBy.strategy",
      "primaryKey.columns",
      "schema",
      "uniques[0].columns",
    ]);
    for (const { reason } of faults) assert.match(reason, /;|give|there are/, reason);
  });

  test("says that a key has to hold the partition key", () => {
    const { faults } = parseTable({
      schema: "s",
      name: "t",
      columns: [
        { name: "id", type: "int" },
        { name: "at", type: "date" },
        { name: "n", type: "int" },
      ],
      primaryKey: { columns: ["id"] },
      uniques: [{ columns: ["at"] }, { columns: ["id", "n"] }],
      partitionBy: { strategy: "range", columns: ["at"] },
    });
    assert.deepEqual(paths(faults), ["primaryKey.columns", "uniques[1].columns"]);
  });

  test("a second key over the same columns, which PostgreSQL would not make, is a fault", () => {
    const { faults } = parseTable({
      ...{ schema: "s", name: "t", columns: [{ name: "id", type: "int" }], primaryKey: { columns: ["id"] } },
      uniques: [{ name: "u", columns: ["id"] }],
    });
    assert.deepEqual(paths(faults), ["uniques[0].columns"]);
  });

  test("an empty table names what is missing", () => {
    assert.deepEqual(paths(parseTable({}).faults), ["columns", "name", "schema"]);
  });

  test("what is not known yet is no fault, and gives no spec", () => {
    const { faults, spec } = parseTable({
      schema: unknown,
      name: "t",
      columns: [{ name: unknown, type: unknown }],
      primaryKey: { columns: ["id"] },
      partitionBy: unknown,
    });
    assert.deepEqual(faults, []);
    assert.equal(spec, undefined);
  });
});

describe("check of a partition's bound", () => {
  test("takes each form", () => {
    for (const bound of [
      { from: ["2024-01-01"], to: ["2025-01-01"] },
      { from: ["MINVALUE", "5"], to: ["MINVALUE", "6"] },
      { from: ["9"], to: ["10"] },
      { from: ["-10"], to: ["-9"] },
      { from: ["b"], to: ["a"] },
      { in: ["a", "NULL"] },
      { modulus: 4, remainder: 3 },
      { isDefault: true },
    ]) {
      assert.deepEqual(part(bound), [], JSON.stringify(bound));
    }
  });

  test("refuses what cannot hold a row, or is no bound", () => {
    const empty = ["bound.to"];
    assert.deepEqual(part({ from: ["2024-01-01"], to: ["2024-01-01 00:00"] }), empty);
    assert.deepEqual(part({ from: ["10"], to: ["9"] }), empty);
    assert.deepEqual(part({ from: ["MAXVALUE"], to: ["5"] }), empty);
    assert.deepEqual(part({ from: ["1", "2"], to: ["1", "2"] }), empty);
    assert.deepEqual(part({ from: ["1", "2"], to: ["2"] }), empty);
    assert.deepEqual(part({ from: ["1"] }), empty);
    assert.deepEqual(part({ from: [1], to: ["2"] }), ["bound.from[0]"]);
    assert.deepEqual(part({ in: [] }), ["bound.in"]);
    assert.deepEqual(part({ in: ["a", "a"] }), ["bound.in[1]"]);
    assert.deepEqual(part({ modulus: 4, remainder: 4 }), ["bound.remainder"]);
    assert.deepEqual(part({ modulus: 0, remainder: -1 }), ["bound.modulus", "bound.remainder"]);
    assert.deepEqual(part({ modulus: 4 }), ["bound.remainder"]);
    assert.deepEqual(part({ isDefault: false }), ["bound.isDefault"]);
    assert.deepEqual(part({ isDefault: true, in: ["a"] }), ["bound.isDefault"]);
    assert.deepEqual(part({}), ["bound"]);
  });

  test("refuses a partition of itself", () => {
    const { faults } = parsePartition({ schema: "s", name: "t", parent: "t", bound: { isDefault: true } });
    assert.deepEqual(paths(faults), ["parent"]);
  });
});

describe("check of indexes and foreign keys", () => {
  test("an index reports what PostgreSQL would refuse", () => {
    const { faults } = parseIndex({
      schema: "s",
      table: "t",
      name: "i",
      columns: ["a", "b", "a"],
      unique: true,
      method: "hash",
      include: ["c"],
      nullsNotDistinct: false,
      tablespace: "fast",
    });
    assert.deepEqual(paths(faults), ["columns", "columns[2]", "include", "tablespace", "unique"]);
  });

  test("a key of an index is a column or an expression, and has an order only in a btree", () => {
    const columns = [
      { name: "a", expression: "b" },
      { order: "desc" },
      { expression: "lower(c)", order: "down" },
      { name: "d", operatorClass: "a.b.c", collation: 'say "C"' },
      { name: "e", nulls: "first" },
    ];
    const inputs = { schema: "s", table: "t", name: "i" };
    assert.deepEqual(paths(parseIndex({ ...inputs, columns }).faults), [
      "columns[0]",
      "columns[1]",
      "columns[2].order",
      "columns[3].collation",
      "columns[3].operatorClass",
    ]);
    const ordered = parseIndex({
      ...inputs,
      columns: columns.slice(4),
      method: "gin",
      nullsNotDistinct: true,
    });
    assert.deepEqual(paths(ordered.faults), ["columns[0].nulls", "nullsNotDistinct"]);
    const twice = parseIndex({ ...inputs, columns: ["a", { name: "a", order: "asc" }] });
    assert.deepEqual(paths(twice.faults), ["columns[1]"]);
  });

  test("a schema of the server's own is refused", () => {
    for (const name of ["pg_shop", "information_schema"]) {
      assert.deepEqual(paths(parseSchema({ name }).faults), ["name"]);
    }
    assert.deepEqual(paths(parseSchema({ name: "shop", renamedFrom: "shop", owner: "" }).faults), [
      "owner",
      "renamedFrom",
    ]);
    assert.deepEqual(parseSchema({ name: "shop" }).spec, { name: "shop" });
  });

  test("a foreign key needs as many columns on both sides", () => {
    const { faults } = parseForeignKey({
      schema: "s",
      table: "t",
      name: "f",
      columns: ["a"],
      references: { columns: ["a", "b"] },
      onDelete: "CASCADE",
    });
    assert.deepEqual(paths(faults), ["onDelete", "references.columns", "references.table"]);
  });
});
