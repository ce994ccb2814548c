import type { Properties } from "../../../provider/host/values.ts";
import { partitionCatalog, type PartitionCatalog } from "../../../provider/pgddl/catalog.ts";
import { parsePartition } from "../../../provider/pgddl/check/partition-check.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import { parseBoundSql } from "../../../provider/pgddl/plan/bound.ts";
import { isToBeAttached, planPartitionChange } from "../../../provider/pgddl/plan/partition-change-plan.ts";
import { planPartitionDrop } from "../../../provider/pgddl/plan/partition-drop-plan.ts";
import type { MemberFacts, ParentFacts } from "../../../provider/pgddl/plan/partition-facts.ts";
import { planPartitionCreate } from "../../../provider/pgddl/plan/partition-plan.ts";
import type { TableName } from "../../../provider/pgddl/plan/statement.ts";
import type { PartitionSpec } from "../../../provider/pgddl/spec.ts";
import { listOf, nullsOut, specOf, textOf, type DdlCase, type Outcome } from "./case.ts";

/**
 * `facts.json`: `key` (names and types; default `at date`), `strategy` (default range), `siblings` (names and bounds
 * as SQL), `references`, `referencedBy` (constraint, columns), `misfits`, `lacksIndexes`, `ownReferences` of the table itself.
 */
export function partitionOutcome({ before, after, live, facts, answers }: DdlCase): Outcome {
  const around = facts && factsOf(facts, before ?? after ?? {});
  if (!before) {
    const spec = specOf(parsePartition(after ?? {}));
    const isThere = live["name"] !== undefined && around !== undefined;
    const candidate = isThere
      ? { live: catalogOf(spec, { ...live, attached: null }), member: around.member }
      : undefined;
    return planPartitionCreate(spec, around?.facts, answers, candidate);
  }
  const spec = specOf(parsePartition(before));
  const catalog = catalogOf(spec, live);
  if (!after) return planPartitionDrop(catalog, spec, around?.facts, memberOf(facts ?? {}, catalog), answers);
  const wanted = specOf(parsePartition(after));
  const isMoved = isToBeAttached(catalog, wanted) && around !== undefined;
  const member = memberOf(facts ?? {}, catalog);
  return planPartitionChange(
    {
      ...{ live: catalog, wanted },
      recorded: { spec, catalog: catalogOf(spec, {}) },
      around: isMoved ? { facts: around.facts, member } : undefined,
    },
    answers,
  );
}

function catalogOf(spec: PartitionSpec, live: Properties): PartitionCatalog {
  const { bound, parent, parentSchema, partitionBy, schema, name } = spec;
  const { owner = "shop_owner", comment, unlogged, tablespace, storageParameters } = spec;
  const attached = { parent, parentSchema: parentSchema ?? schema, bound, isDetachPending: false };
  return partitionCatalog.parse(
    toProperties({
      ...{ oid: "1", schema, name, owner, attached, partitionBy, comment, tablespace, storageParameters },
      ...(unlogged === true && { unlogged }),
      ...nullsOut(live),
    }),
  );
}

function factsOf(facts: Properties, inputs: Properties): { facts: ParentFacts; member: MemberFacts } {
  const strategy = textOf(facts["strategy"]);
  const key = listOf(facts["key"]).map((each) => ({
    name: textOf(each["name"]),
    type: textOf(each["type"]),
  }));
  return {
    facts: {
      schema: textOf(inputs["parentSchema"]) || textOf(inputs["schema"]),
      name: textOf(inputs["parent"]),
      owner: textOf(facts["owner"]) || "shop_owner",
      strategy: strategy === "list" || strategy === "hash" ? strategy : "range",
      key: key.length > 0 ? key : [{ name: "at", type: "date" }],
      columns: ["id", "at", "name"],
      primaryKey: ["id", "at"],
      siblings: listOf(facts["siblings"]).map((each) => ({
        ...{ schema: "shop", name: textOf(each["name"]), bound: parseBoundSql(textOf(each["bound"])) },
        isDetachPending: each["isDetachPending"] === true,
      })),
      references: tables(facts["references"]),
      referencedBy: listOf(facts["referencedBy"]).map((each) => ({
        ...{ schema: "shop", name: textOf(each["name"]), constraint: textOf(each["constraint"]) },
        ...{ columns: ["user_id", "user_at"], referencedColumns: ["id", "at"] },
      })),
    },
    member: memberOf(facts, undefined),
  };
}

function memberOf(facts: Properties, live: PartitionCatalog | undefined): MemberFacts {
  return {
    isPartitioned: live?.partitionBy !== undefined,
    references: tables(facts["ownReferences"]),
    hasCheck: live?.hasBoundCheck === true,
    lacksIndexes: facts["lacksIndexes"] === true,
    misfits: texts(facts["misfits"]),
  };
}

function tables(value: Properties[string]): readonly TableName[] {
  return texts(value).map((name) => ({ schema: "shop", name }));
}

function texts(value: Properties[string]): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
}
