import { UserError } from "../../../lib/errors.ts";
import { isSame } from "../../host/values.ts";
import type { PartitionCatalog } from "../catalog.ts";
import { toProperties } from "../plain-value.ts";
import { partitionText } from "../plan/partition-by-sql.ts";
import { parseNote } from "../plan/partition-note.ts";
import type { PartitionSpec } from "../spec.ts";
import type { Managed, Recorded } from "./kind.ts";

/** The inputs of a partition that is taken over. */
export function adoptPartition(live: PartitionCatalog): PartitionSpec {
  const { attached, partitionBy, comment, unlogged, tablespace, storageParameters } = live;
  if (!attached) {
    throw new UserError(
      "kind",
      `${live.schema}.${live.name} is no partition of any table`,
      "Import it as a pgddl:index:Table.",
    );
  }
  return {
    schema: live.schema,
    name: live.name,
    parent: attached.parent,
    ...(attached.parentSchema !== live.schema && { parentSchema: attached.parentSchema }),
    owner: live.owner,
    bound: attached.bound,
    ...(partitionBy && { partitionBy: { strategy: partitionBy.strategy, columns: partitionBy.columns } }),
    ...(comment !== undefined && { comment }),
    ...(unlogged === true && { unlogged }),
    ...(tablespace !== undefined && { tablespace }),
    ...(storageParameters && { storageParameters }),
  };
}

/** Comments and storage parameters that no program declares are nobody's concern; what a removal noted down is ours. */
export function managePartition(
  live: PartitionCatalog,
  specs: readonly PartitionSpec[],
): Managed<PartitionCatalog> {
  const { comment, storageParameters = {}, ...rest } = live;
  const isCommentKnown = specs.some((spec) => spec.comment !== undefined) || parseNote(comment) !== undefined;
  const known = new Set(specs.flatMap((spec) => Object.keys(spec.storageParameters ?? {})));
  const [kept, extra] = [true, false].map((isKnown) =>
    Object.entries(storageParameters).filter(([name]) => known.has(name) === isKnown),
  );
  return {
    live: {
      ...rest,
      ...(comment !== undefined && isCommentKnown && { comment }),
      ...(kept && kept.length > 0 && { storageParameters: Object.fromEntries(kept) }),
    },
    extras: (extra ?? []).map(([name, value]) => `storage parameter ${name} = ${value}`),
  };
}

/** A detached partition keeps its inputs: that it is none any more stands in the catalogue's description. */
export function driftOfPartition(
  { spec, catalog }: Recorded<PartitionSpec, PartitionCatalog>,
  live: PartitionCatalog,
): PartitionSpec {
  const { schema, moveFromDefault, adopt, renamedFrom, allowDataLoss, allowRewrite } = spec;
  const found = live.attached ? adoptPartition(live) : spec;
  const [before, now] = [catalog.attached, live.attached];
  const isParentKept = before?.parent === now?.parent && before?.parentSchema === now?.parentSchema;
  const isBoundKept = isSame(toProperties(before?.bound ?? {}), toProperties(now?.bound ?? {}));
  const isSplitKept = partitionText(catalog.partitionBy) === partitionText(live.partitionBy);
  const isLogKept = (catalog.unlogged === true) === (live.unlogged === true);
  const [stored, storedNow] = [catalog, live].map((each) => toProperties(each.storageParameters ?? {}));
  const above = before && now && !isParentKept ? found : spec;
  return {
    schema,
    name: catalog.name === live.name ? spec.name : live.name,
    parent: above.parent,
    bound: !before || !now || isBoundKept ? spec.bound : now.bound,
    ...definedOf({
      ...{ moveFromDefault, adopt, renamedFrom, allowDataLoss, allowRewrite },
      parentSchema: above.parentSchema,
      owner: spec.owner !== undefined && live.owner !== catalog.owner ? live.owner : spec.owner,
      partitionBy: isSplitKept ? spec.partitionBy : found.partitionBy,
      comment: !now || catalog.comment === live.comment ? spec.comment : live.comment,
      unlogged: isLogKept ? spec.unlogged : live.unlogged === true,
      tablespace: catalog.tablespace === live.tablespace ? spec.tablespace : live.tablespace,
      storageParameters: isSame(stored, storedNow) ? spec.storageParameters : live.storageParameters,
    }),
  };
}

function definedOf<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const result: { [K in keyof T]?: Exclude<T[K], undefined> } = {};
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.assign(result, Object.fromEntries(entries));
}
