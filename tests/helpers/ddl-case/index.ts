import { isProperties } from "../../../provider/host/values.ts";
import { indexCatalog, type IndexCatalog } from "../../../provider/pgddl/catalog.ts";
import { parseIndex } from "../../../provider/pgddl/check/index-check.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import { planIndexCreate } from "../../../provider/pgddl/plan/index-build.ts";
import { definitionWanted } from "../../../provider/pgddl/plan/index-definition.ts";
import { uniqueRefusals } from "../../../provider/pgddl/plan/index-duplicates.ts";
import type { IndexedTable } from "../../../provider/pgddl/plan/index-facts.ts";
import { planIndexChange, planIndexDrop } from "../../../provider/pgddl/plan/index-plan.ts";
import type { Size } from "../../../provider/pgddl/plan/statement.ts";
import type { Properties } from "../../../provider/host/values.ts";
import type { IndexSpec } from "../../../provider/pgddl/spec.ts";
import { listOf, nullsOut, specOf, textOf, type DdlCase, type Outcome } from "./case.ts";

/** A spec's texts count as the server's words. */
export function indexOutcome({ before, after, live, facts, answers }: DdlCase): Outcome {
  const table = facts && tableOf(facts);
  if (!before) {
    const spec = specOf(parseIndex(after ?? {}));
    const refusals = uniqueRefusals(spec, table, answers);
    return { plan: refusals.length > 0 ? [] : planIndexCreate(spec, table), refusals, warnings: [] };
  }
  const spec = specOf(parseIndex(before));
  const catalog = indexCatalog.parse(toProperties({ ...catalogOf(spec), ...nullsOut(live) }));
  if (!after) return planIndexDrop(catalog, table);
  const wanted = specOf(parseIndex(after));
  return planIndexChange(
    { live: catalog, before: spec, wanted, said: definitionWanted(wanted) },
    { table, answers },
  );
}

function catalogOf(spec: IndexSpec): IndexCatalog {
  const { isUnique, method, nullsNotDistinct, where, columns, include } = definitionWanted(spec);
  const { schema, table, name, storageParameters, comment } = spec;
  return {
    ...{ oid: "1", owner: "shop_owner", schema, table, name },
    columns: [...columns],
    isUnique,
    method,
    ...(nullsNotDistinct && { nullsNotDistinct }),
    ...(include.length > 0 && { include: [...include] }),
    where,
    storageParameters,
    comment,
    isValid: true,
    isPartitioned: false,
  };
}

function tableOf(facts: Properties): IndexedTable {
  const below = listOf(facts["below"]).map((each) => ({
    schema: "shop",
    name: textOf(each["name"]),
    parentSchema: "shop",
    parent: textOf(each["parent"]),
    isPartitioned: each["isPartitioned"] === true,
    partitionKey: namesOf(each["partitionKey"]),
    ...sizeOf(each["size"]),
    ...(typeof each["attached"] === "string" && { attached: { name: each["attached"], isValid: true } }),
  }));
  return {
    owner: "shop_owner",
    isPartitioned: facts["isPartitioned"] === true,
    isEmpty: facts["isEmpty"] === true,
    partitionKey: namesOf(facts["partitionKey"]),
    ...sizeOf(facts["size"]),
    below,
    leftovers: listOf(facts["leftovers"]).map((each) => ({
      schema: "shop",
      name: textOf(each["name"]),
      table: textOf(each["table"]),
      isValid: each["isValid"] === true,
      isPartitioned: each["isPartitioned"] === true,
      isAttached: each["isAttached"] === true,
    })),
  };
}

function namesOf(value: Properties[string]): readonly (string | null)[] {
  return Array.isArray(value) ? value.map((each) => (typeof each === "string" ? each : null)) : [];
}

function sizeOf(value: Properties[string]): { readonly size?: Size } {
  if (!isProperties(value)) return {};
  return { size: { rows: Number(value["rows"]), bytes: Number(value["bytes"]) } };
}
