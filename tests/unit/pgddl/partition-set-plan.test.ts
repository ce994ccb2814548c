import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { calendarUnits, dateOf, firstDayOf, unitHolding } from "../../../lib/calendar.ts";
import type { MemberCatalog, PartitionSetCatalog } from "../../../provider/pgddl/catalog.ts";
import type { Questions } from "../../../provider/pgddl/kinds/kind.ts";
import { partitionSetKind } from "../../../provider/pgddl/kinds/partition-set-kind.ts";
import { adoptSet, claimNamed } from "../../../provider/pgddl/plan/partition-set-import.ts";
import { layoutOf } from "../../../provider/pgddl/plan/partition-set-layout.ts";
import { renderMark } from "../../../provider/pgddl/plan/partition-set-mark.ts";
import { planPartitionSet } from "../../../provider/pgddl/plan/partition-set-plan.ts";
import { windowFaults } from "../../../provider/pgddl/plan/partition-set-window.ts";
import { noAnswers } from "../../../provider/pgddl/plan/question.ts";
import { renderPlan } from "../../../provider/pgddl/plan/statement.ts";
import type { PartitionSetSpec } from "../../../provider/pgddl/spec.ts";

const parent = { schema: "shop", name: "users" };
const empty: PartitionSetCatalog = {
  ...{ oid: "1", schema: "shop", parent: "users", owner: "shop_owner", keyColumn: "at", keyType: "date" },
  ...{ members: [], others: [] },
};

const spec: fc.Arbitrary<PartitionSetSpec> = fc
  .record({
    interval: fc.constantFrom(...calendarUnits),
    begin: fc.integer({ min: 18_000, max: 20_000 }),
    ahead: fc.integer({ min: -60, max: 400 }),
    premake: fc.integer({ min: 0, max: 8 }),
    retention: fc.option(fc.integer({ min: 0, max: 12 }), { nil: undefined }),
  })
  .map(({ interval, begin, ahead, premake, retention }) => {
    const from = firstDayOf(interval, unitHolding(interval, begin));
    return {
      ...{ schema: "shop", parent: "users", interval, range: { from: dateOf(from) } },
      ...{ asOf: dateOf(from + ahead), premake },
      ...(retention !== undefined && { retention }),
    };
  })
  .filter((each) => windowFaults(each).length === 0);

/** What the database would be after the plan of `wanted`. */
function applied(live: PartitionSetCatalog, wanted: PartitionSetSpec): PartitionSetCatalog {
  const { missing, leaving } = layoutOf(live, wanted);
  const isBack = new Set(missing.map(({ kept }) => kept));
  const stays = live.members
    .filter((each) => !isBack.has(each))
    .map((each) =>
      leaving.includes(each)
        ? {
            ...each,
            isDetached: true,
            comment: renderMark(parent, { bound: each.bound, detachedOn: wanted.asOf }),
          }
        : each,
    );
  const made = missing.map(({ name, bound, kept }): MemberCatalog => {
    const ends = { from: [...bound.from], to: [...bound.to] };
    const base = { schema: "shop", name: kept?.name ?? name, oid: kept?.oid ?? name, owner: "shop_owner" };
    return { ...base, bound: ends, comment: renderMark(parent, { bound }) };
  });
  return { ...live, members: [...stays, ...made] };
}

function unmarked({ schema, name, oid, owner, bound }: MemberCatalog): MemberCatalog {
  return { schema, name, oid, owner, bound };
}

describe("the plan of a partition set", () => {
  test("is made once: after it nothing is left to do, and it was the same both times", () => {
    fc.assert(
      fc.property(spec, spec, (before, wanted) => {
        const live = applied(empty, before);
        const layout = layoutOf(live, wanted);
        assert.deepEqual(layoutOf(live, wanted), layout);
        if (layout.refusals.length > 0) return;
        const after = layoutOf(applied(live, wanted), wanted);
        assert.deepEqual(
          [after.missing, after.leaving, after.pending, after.renamed, after.refusals],
          [[], [], [], [], []],
        );
      }),
    );
  });

  test("never leaves the table without a partition", () => {
    fc.assert(
      fc.property(spec, spec, (before, wanted) => {
        const live = applied(empty, before);
        if (layoutOf(live, wanted).refusals.length > 0) return;
        assert.ok(applied(live, wanted).members.some((each) => each.isDetached !== true));
      }),
    );
  });

  test("comes back: what a shorter retention detached, a longer one attaches", () => {
    fc.assert(
      fc.property(spec, (wanted) => {
        const { schema, interval, range, asOf, premake = 0 } = wanted;
        const all = { schema, parent: "users", interval, range, asOf, premake };
        if (windowFaults(all).length > 0) return;
        const live = applied(empty, all);
        const there = applied(applied(live, { ...all, retention: 0 }), all);
        assert.deepEqual(
          there.members.map(({ oid }) => oid).sort(),
          live.members.map(({ oid }) => oid).sort(),
        );
      }),
    );
  });

  test("drops nothing of which nobody has said that it is empty or given up", () => {
    fc.assert(
      fc.property(spec, spec, (before, wanted) => {
        const live = applied(applied(empty, before), { ...before, retention: 0 });
        const layout = layoutOf(live, wanted);
        const change = { live, wanted, layout, facts: undefined, answers: noAnswers, before };
        const sql = renderPlan(planPartitionSet(change).plan).join("\n");
        assert.doesNotMatch(sql, /DROP TABLE|TRUNCATE|DELETE FROM/);
      }),
    );
  });

  test("touches no partition of others", () => {
    fc.assert(
      fc.property(spec, spec, (before, wanted) => {
        const { members } = applied(empty, before);
        const others = members.map(unmarked);
        const { leaving, pending, kept, renamed } = layoutOf({ ...empty, others }, wanted);
        assert.deepEqual([leaving, pending, kept, renamed], [[], [], [], []]);
      }),
    );
  });

  test("an import of what a set has made wants the same partitions", () => {
    fc.assert(
      fc.property(spec, (wanted) => {
        const { members } = applied(empty, wanted);
        const live = { ...empty, others: members.map(unmarked) };
        const inputs = adoptSet(live);
        assert.deepEqual(adoptSet(live), inputs);
        const { missing, leaving, refusals } = layoutOf(claimNamed(live), inputs);
        assert.deepEqual([missing, leaving, refusals], [[], [], []]);
      }),
    );
  });

  test("of 300 partitions that are as wanted asks the database nothing", async () => {
    const wanted: PartitionSetSpec = {
      ...{ schema: "shop", parent: "users", interval: "month", range: { from: "2001-01-01" } },
      asOf: "2025-08-01",
    };
    const live = applied(empty, wanted);
    assert.equal(live.members.length, 300);
    const nobody = (): never => assert.fail("the database was asked");
    const ask: Questions = { answers: nobody, words: nobody, read: nobody };
    const { changes } = await partitionSetKind.difference(live, { spec: wanted, catalog: live }, wanted, ask);
    assert.deepEqual(changes, []);
  });
});
