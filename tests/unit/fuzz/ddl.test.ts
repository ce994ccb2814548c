import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { UserError } from "../../../lib/errors.ts";
import { quoteIdentifier } from "../../../lib/identifier.ts";
import { parseForeignKey } from "../../../provider/pgddl/check/foreign-key-check.ts";
import { parseIndex } from "../../../provider/pgddl/check/index-check.ts";
import type { Parsed } from "../../../provider/pgddl/check/parsed.ts";
import { parsePartition } from "../../../provider/pgddl/check/partition-check.ts";
import { parseSchema } from "../../../provider/pgddl/check/schema-check.ts";
import { parseTable } from "../../../provider/pgddl/check/table-check.ts";
import { planForeignKeyCreate } from "../../../provider/pgddl/plan/foreign-key-plan.ts";
import { planIndexCreate } from "../../../provider/pgddl/plan/index-build.ts";
import { planPartitionCreate } from "../../../provider/pgddl/plan/partition-plan.ts";
import { noAnswers } from "../../../provider/pgddl/plan/question.ts";
import { planSchemaCreate } from "../../../provider/pgddl/plan/schema-plan.ts";
import type { Plan } from "../../../provider/pgddl/plan/statement.ts";
import { planTableCreate } from "../../../provider/pgddl/plan/table-create-plan.ts";
import { planTableDrop } from "../../../provider/pgddl/plan/table-drop-plan.ts";
import { planTableChange } from "../../../provider/pgddl/plan/table-plan.ts";
import { wantTable } from "../../../provider/pgddl/plan/wanted-table.ts";
import type { Properties } from "../../../provider/host/values.ts";
import { catalogOf } from "../../helpers/ddl-case/table.ts";
import { hostileText, isName, isStorable } from "../../helpers/hostile-text.ts";
import { lexSql, type Token } from "../../helpers/sql-lexer.ts";

/** The names of one case, in the order in which the inputs below use them, and two texts. */
interface Words {
  readonly names: readonly string[];
  readonly texts: readonly string[];
}

const plain: Words = {
  names: ["n0", "n1", "n2", "n3", "n4", "n5", "n6"],
  texts: ["first text", "second text"],
};

/** Check, then plan: what a resource goes through. Undefined when the check has refused it. */
type Pass = (words: Words) => { readonly faults: Parsed<unknown>["faults"]; readonly plan?: Plan };

function pass<Spec>(
  inputs: (names: readonly string[], texts: readonly string[]) => Properties,
  check: (inputs: Properties) => Parsed<Spec>,
  plan: (spec: Spec, words: Words) => Plan,
): Pass {
  return (words) => {
    const { faults, spec } = check(inputs(words.names, words.texts));
    if (spec === undefined) return { faults };
    try {
      return { faults, plan: plan(spec, words) };
    } catch (error) {
      assert.ok(error instanceof UserError, String(error));
      return { faults: [{ property: "", reason: error.message }] };
    }
  };
}

const table = ([s, t, a, b, k, u]: readonly string[], [comment = ""]: readonly string[]): Properties => ({
  ...{ schema: s, name: t, owner: u, comment },
  columns: [
    { name: a, type: "integer", comment },
    { name: b, type: "text", notNull: true },
  ],
  primaryKey: { name: k, columns: [a ?? ""] },
  partitionBy: { strategy: "range", columns: [a ?? ""] },
});

const passes: Readonly<Record<string, Pass>> = {
  table: pass(table, parseTable, planTableCreate),
  "dropped table": pass(table, parseTable, (spec) => planTableDrop(catalogOf(spec), spec, noAnswers).plan),
  "renamed column": pass(table, parseTable, (before, { names }) => {
    const [first, second] = before.columns;
    if (!first || !second) return [];
    const renamed = { ...second, name: names[6] ?? "", renamedFrom: second.name };
    const recorded = { spec: before, catalog: catalogOf(before) };
    const wanted = wantTable({ ...before, columns: [first, renamed] }, recorded);
    return planTableChange({ live: recorded.catalog, wanted, recorded }, noAnswers).plan;
  }),
  index: pass(
    ([s, t, a, b, k], [comment = ""]) => ({
      ...{ schema: s, table: t, name: k, unique: true, comment },
      columns: [a ?? "", { name: b, order: "desc" }],
      storageParameters: { fillfactor: "70" },
    }),
    parseIndex,
    (spec) => planIndexCreate(spec, undefined),
  ),
  partition: pass(
    ([s, t, , b, k, u], [first = "", second = ""]) => ({
      ...{ schema: s, parent: t, name: k, owner: u, comment: first },
      ...{ bound: { in: [first, second] }, partitionBy: { strategy: "hash", columns: [b ?? ""] } },
    }),
    parsePartition,
    (spec) => planPartitionCreate(spec, undefined, noAnswers).plan,
  ),
  "foreign key": pass(
    ([s, t, a, b, k, u]) => ({
      ...{ schema: s, table: t, name: k, columns: [a ?? ""] },
      references: { schema: u, table: b, columns: [t ?? ""] },
    }),
    parseForeignKey,
    (spec) => planForeignKeyCreate(spec, { tables: undefined, answers: noAnswers, isPreview: true }).plan,
  ),
  schema: pass(
    ([s, , , , , u], [comment = ""]) => ({ name: s, owner: u, comment }),
    parseSchema,
    planSchemaCreate,
  ),
};

const words: fc.Arbitrary<Words> = fc.record({
  names: fc.uniqueArray(
    fc.oneof({ weight: 1, arbitrary: hostileText }, { weight: 12, arbitrary: hostileText.filter(isName) }),
    { minLength: 7, maxLength: 7 },
  ),
  // NULL in a list of a bound's values is SQL's own.
  texts: fc.uniqueArray(
    hostileText.filter((text) => text !== "NULL"),
    { minLength: 2, maxLength: 2 },
  ),
});

describe("from check to plan, whatever the names", () => {
  for (const [kind, through] of Object.entries(passes)) {
    const expected = tokensOf(through(plain).plan);

    test(`a ${kind} is refused with reasons, or its statements are those of plain names`, () => {
      assert.ok(expected.length > 0);
      let planned = 0;
      fc.assert(
        fc.property(words, (given) => {
          const { faults, plan } = through(given);
          for (const { reason } of faults) assert.ok(reason.length > 10, reason);
          assert.notEqual(plan === undefined, faults.length === 0);
          if (plan === undefined) return;
          planned += 1;
          const tokens = tokensOf(plan);
          assert.deepEqual(
            tokens.map(({ kind }) => kind),
            expected.map(({ kind }) => kind),
          );
          tokens.forEach((token, at) => {
            isTranslation(expected[at], token, given);
          });
        }),
        { numRuns: 1000 },
      );
      assert.ok(planned > 100, `only ${planned} of 1000 got as far as a plan`);
    });

    test(`a ${kind} with a name or text that PostgreSQL cannot store is refused`, () => {
      fc.assert(
        fc.property(words, fc.nat(6), (given, at) => {
          const names = plain.names.map((name, each) => (each === at ? `${name}\0` : name));
          const isUsed = JSON.stringify(through(plain).plan).includes(plain.names[at] ?? "");
          if (isUsed) assert.notDeepEqual(through({ ...plain, names }).faults, []);
          const [text] = given.texts.filter((each) => !isStorable(each));
          if (text === undefined || kind === "foreign key") return;
          assert.notDeepEqual(through({ ...plain, texts: [text, "a"] }).faults, []);
        }),
        { numRuns: 100 },
      );
    });
  }
});

function tokensOf(plan: Plan | undefined): readonly Token[] {
  return (plan ?? []).flatMap(({ role, statements }) => [
    ...(role === undefined ? [] : lexSql(`SET ROLE ${quoteIdentifier(role)};`)),
    ...statements.flatMap(({ sql }) => lexSql(`${sql};`)),
  ]);
}

/** Whether a token says with these words what the plain one says with its own. */
function isTranslation(of: Token | undefined, token: Token, { names, texts }: Words): void {
  assert.ok(of);
  if (of.kind === "identifier") {
    const at = plain.names.indexOf(of.value);
    if (at >= 0) assert.equal(token.value, names[at]);
  } else if (of.kind === "literal") {
    const at = plain.texts.indexOf(of.value);
    const nested = of.value.replaceAll(/"n(\d)"/g, (_, digit: string) =>
      quoteIdentifier(names[Number(digit)] ?? ""),
    );
    assert.equal(token.value, at >= 0 ? texts[at] : nested);
  } else assert.equal(token.value, of.value);
}
