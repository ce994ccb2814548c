import { partitionCatalog } from "../../../provider/pgddl/catalog.ts";
import { parsePartition } from "../../../provider/pgddl/check/partition-check.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import {
  planPartitionChange,
  planPartitionCreate,
  planPartitionDrop,
} from "../../../provider/pgddl/plan/partition-plan.ts";
import { nullsOut, planned, specOf, type DdlCase, type Outcome } from "./case.ts";

export function partitionOutcome({ before, after, live, facts }: DdlCase): Outcome {
  const parent = facts && { owner: "shop_owner", hasDefault: facts["hasDefault"] === true };
  if (!before) return planned(planPartitionCreate(specOf(parsePartition(after ?? {})), parent));
  const { bound, parent: name, parentSchema, partitionBy, ...rest } = specOf(parsePartition(before));
  const attached = {
    parent: name,
    parentSchema: parentSchema ?? rest.schema,
    bound,
    isDetachPending: false,
  };
  const catalog = partitionCatalog.parse(
    toProperties({ oid: "1", owner: "shop_owner", ...rest, attached, partitionBy, ...nullsOut(live) }),
  );
  return after
    ? planPartitionChange(catalog, specOf(parsePartition(after)))
    : planned(planPartitionDrop(catalog));
}
