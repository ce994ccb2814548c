import { indexCatalog } from "../../../provider/pgddl/catalog.ts";
import { parseIndex } from "../../../provider/pgddl/check/index-check.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import {
  planIndexChange,
  planIndexCreate,
  planIndexDrop,
  type IndexedTable,
} from "../../../provider/pgddl/plan/index-plan.ts";
import { listOf, planned, specOf, textOf, type DdlCase, type Outcome } from "./case.ts";

export function indexOutcome({ before, after, live, facts }: DdlCase): Outcome {
  const table: IndexedTable | undefined = facts && {
    owner: "shop_owner",
    isPartitioned: facts["isPartitioned"] === true,
    isEmpty: facts["isEmpty"] === true,
    below: listOf(facts["below"]).map((each) => ({
      schema: "shop",
      name: textOf(each["name"]),
      parentSchema: "shop",
      parent: textOf(each["parent"]),
      isPartitioned: each["isPartitioned"] === true,
    })),
    leftovers: listOf(facts["leftovers"]).map((each) => ({
      schema: "shop",
      name: textOf(each["name"]),
      isValid: each["isValid"] === true,
      isAttached: each["isAttached"] === true,
    })),
  };
  if (!before) return planned(planIndexCreate(specOf(parseIndex(after ?? {})), table));
  const { unique = false, method = "btree", ...rest } = specOf(parseIndex(before));
  const state = {
    oid: "1",
    owner: "shop_owner",
    isUnique: unique,
    method,
    isValid: true,
    isPartitioned: false,
  };
  const catalog = indexCatalog.parse(toProperties({ ...rest, ...state, ...live }));
  return after ? planIndexChange(catalog, specOf(parseIndex(after)), table) : planned(planIndexDrop(catalog));
}
