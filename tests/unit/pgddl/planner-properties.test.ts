import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { quoteIdentifier } from "../../../lib/identifier.ts";
import { boundSql, parseBoundSql } from "../../../provider/pgddl/plan/bound.ts";
import { formatId, parseId } from "../../../provider/pgddl/object-id.ts";
import { compareBounds } from "../../../provider/pgddl/check/partition-check.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import { noDifference } from "../../../provider/pgddl/plan/difference.ts";
import type { ColumnSpec, TableSpec } from "../../../provider/pgddl/spec.ts";
import { parseTable } from "../../../provider/pgddl/check/table-check.ts";
import { planTableCreate } from "../../../provider/pgddl/plan/table-create-plan.ts";
import { noAnswers } from "../../../provider/pgddl/plan/question.ts";
import { planTableChange } from "../../../provider/pgddl/plan/table-plan.ts";
import { adoptTable } from "../../../provider/pgddl/kinds/table-kind.ts";
import { needsServer, wantTable } from "../../../provider/pgddl/plan/wanted-table.ts";
import { catalogOf } from "../../helpers/ddl-case/table.ts";

const identifier = fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }).filter((name) => {
  return !/^pg_/i.test(name) && !name.includes("\0") && Buffer.byteLength(name) <= 63;
});
const type = fc.constantFrom(
  "int",
  "bigint",
  "text",
  "varchar(20)",
  "decimal(10,2)",
  "timestamptz",
  "boolean",
  "serial",
);
const column: fc.Arbitrary<ColumnSpec> = fc
  .record({
    name: identifier,
    type,
    notNull: fc.boolean(),
    default: fc.constantFrom(undefined, "NULL", "now()", "'x'"),
  })
  .map(({ default: expression, ...rest }) => ({
    ...rest,
    ...(expression !== undefined && rest.type !== "serial" && { default: expression }),
  }));
const table: fc.Arbitrary<TableSpec> = fc
  .record({
    schema: fc.constant("shop"),
    name: fc.constant("subject"),
    columns: fc.uniqueArray(column, { minLength: 1, maxLength: 6, selector: (each) => each.name }),
    hasKey: fc.boolean(),
    strategy: fc.constantFrom(undefined, "range" as const, "hash" as const),
    checks: fc.uniqueArray(identifier, { maxLength: 3 }),
    comment: fc.constantFrom(undefined, "It's a comment."),
  })
  .map(({ hasKey, strategy, checks, comment, ...rest }) => {
    const [first] = rest.columns;
    const columns = first ? [first.name] : [];
    return {
      ...rest,
      ...(hasKey && { primaryKey: { columns } }),
      ...(strategy && { partitionBy: { strategy, columns } }),
      ...(checks.length > 0 && {
        checks: checks.map((name) => ({ name, expression: `'${name.length}' <> ''` })),
      }),
      ...(comment !== undefined && { comment }),
    };
  });

describe("planning, whatever the table", () => {
  test("a table that is as wanted needs nothing", () => {
    fc.assert(
      fc.property(table, (spec) => {
        assert.deepEqual(parseTable(toProperties(spec)).faults, []);
        const live = catalogOf(spec);
        const difference = planTableChange(
          { live, wanted: wantTable(spec, { spec, catalog: live }), recorded: { spec, catalog: live } },
          noAnswers,
        );
        assert.deepEqual(difference, noDifference);
      }),
    );
  });

  test("what is taken over from the catalogue differs in nothing, without asking the server", () => {
    fc.assert(
      fc.property(table, (spec) => {
        const live = catalogOf(spec);
        const adopted = adoptTable(live);
        const recorded = { spec: adopted, catalog: live };
        assert.equal(needsServer(adopted, live, recorded), false);
        assert.deepEqual(
          planTableChange({ live, wanted: wantTable(spec, recorded), recorded }, noAnswers).changes,
          [],
        );
      }),
    );
  });

  test("no change drops, empties or deletes anything, and the same change has the same plan", () => {
    fc.assert(
      fc.property(table, table, (before, after) => {
        const live = catalogOf(before);
        const wanted = wantTable(after, { spec: before, catalog: live });
        const change = { live, wanted, recorded: { spec: before, catalog: live } };
        const difference = planTableChange(change, noAnswers);
        assert.deepEqual(planTableChange(change, noAnswers), difference);
        if (difference.refusals.length > 0) assert.deepEqual(difference.plan, []);
        for (const statement of difference.plan.flatMap((step) => step.statements)) {
          // Names may hold any word; they stand in quotes.
          const bare = statement.sql.replaceAll(/"(?:[^"]|"")*"|'(?:[^']|'')*'/g, "");
          assert.doesNotMatch(bare, /TRUNCATE|DELETE|DROP (?!DEFAULT|NOT NULL|CONSTRAINT)/i);
          assert.ok(statement.locks.length > 0, `${statement.sql} says what it locks`);
          assert.ok(statement.lockTimeoutMs > 0 && statement.statementTimeoutMs > 0);
        }
      }),
    );
  });

  test("a column whose rows nobody has looked at goes only when its name is permitted", () => {
    fc.assert(
      fc.property(
        table,
        fc.array(fc.nat(9), { maxLength: 3 }),
        fc.array(fc.nat(9)),
        (before, gone, permitted) => {
          const used = [...(before.primaryKey?.columns ?? []), ...(before.partitionBy?.columns ?? [])];
          const columns = before.columns.filter(({ name }, at) => used.includes(name) || !gone.includes(at));
          fc.pre(columns.length > 0);
          const names = before.columns.filter((_, at) => permitted.includes(at)).map(({ name }) => name);
          const after = { ...before, columns, allowDataLoss: names.map((name) => `column:${name}`) };
          const live = catalogOf(before);
          const recorded = { spec: before, catalog: live };
          const { plan, refusals } = planTableChange(
            { live, wanted: wantTable(after, recorded), recorded },
            noAnswers,
          );
          const dropped = before.columns.filter(({ name }) => !columns.some((each) => each.name === name));
          const isAllowed = dropped.every(({ name }) => names.includes(name));
          if (!isAllowed) assert.ok(refusals.length > 0);
          const sql = plan.flatMap((step) => step.statements.map((statement) => statement.sql)).join("\n");
          for (const { name } of before.columns) {
            const isDropped = sql.includes(`DROP COLUMN ${quoteIdentifier(name)}`);
            assert.equal(isDropped && !names.includes(name), false);
          }
        },
      ),
    );
  });

  test("every name stands in quotes in CREATE TABLE", () => {
    fc.assert(
      fc.property(table, (spec) => {
        const [step] = planTableCreate(spec);
        const sql = step?.statements[0]?.sql ?? "";
        for (const { name } of spec.columns) assert.ok(sql.includes(quoteIdentifier(name)));
      }),
    );
  });
});

describe("texts that have to survive both ways", () => {
  test("an id is parsed into the parts that it was made of", () => {
    fc.assert(
      fc.property(identifier, identifier, identifier, (a, b, c) => {
        assert.deepEqual(parseId(formatId([a, b, c]), "schema.table.constraint"), [a, b, c]);
      }),
    );
  });

  test("a bound is read as it was written", () => {
    const text = fc.string({ maxLength: 8 }).filter((each) => !each.includes("\\"));
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 3 }), (values) => {
        assert.deepEqual(parseBoundSql(boundSql({ in: values })), { in: values });
        const range = { from: values, to: values.map(() => "MAXVALUE") };
        assert.deepEqual(parseBoundSql(boundSql(range)), range);
      }),
    );
  });

  test("comparing bounds the other way round gives the opposite", () => {
    const number = fc.integer().map(String);
    const bound = fc.oneof(number, fc.constantFrom("MINVALUE", "MAXVALUE", "2024-01-01", "2024-01-01 10:00"));
    fc.assert(
      fc.property(bound, bound, (a, b) => {
        const [there, back] = [compareBounds(a, b), compareBounds(b, a)];
        if (there === undefined) assert.equal(back, undefined);
        else assert.equal(Math.sign(there) + Math.sign(back ?? Number.NaN), 0);
      }),
    );
  });
});
