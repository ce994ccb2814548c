import { isSame } from "../../host/values.ts";
import { boundSql, mapBound } from "../plan/bound.ts";
import { partitionCatalog, type BoundCatalog, type PartitionCatalog } from "../catalog.ts";
import { readParent, readPartition } from "../catalogue/tables.ts";
import type { Session } from "../server/database.ts";
import type { Kind, Recorded } from "./kind.ts";
import { parsePartition } from "../check/partition-check.ts";
import { planPartitionChange, planPartitionCreate, planPartitionDrop } from "../plan/partition-plan.ts";
import { toProperties } from "../plain-value.ts";
import type { BoundSpec, PartitionSpec } from "../spec.ts";
import { UserError } from "../../../lib/errors.ts";
import { partitionText } from "../plan/table-options-plan.ts";

export const partitionKind: Kind<PartitionSpec, PartitionCatalog> = {
  type: "Partition",
  noun: "partition",
  idForm: "schema.partition",
  catalog: partitionCatalog,
  parse: parsePartition,
  idOf: (spec) => [spec.schema, spec.name],
  formerIdOf: ({ schema, renamedFrom }) => (renamedFrom === undefined ? undefined : [schema, renamedFrom]),
  idOfLive: (live) => [live.schema, live.name],
  oidOf: (live) => live.oid,
  read: (session, [schema = "", name = ""]) => readPartition(session, schema, name),
  adopt: adoptPartition,
  beyondSpec: (live) =>
    live.partitionBy?.isBeyondSpec === true ? "a partition key with an expression" : undefined,
  manage: (live) => ({ live, extras: [] }),
  drift: driftOfPartition,
  isLeftover: () => false,
  planCreate: async (spec, ask) => {
    const parent = await ask.read((session) =>
      readParent(session, spec.parentSchema ?? spec.schema, spec.parent),
    );
    return { plan: planPartitionCreate(spec, parent), refusals: [], warnings: [] };
  },
  difference: async (live, recorded, wanted, ask) => {
    const same = isSame(toProperties(recorded.spec.bound), toProperties(wanted.bound));
    const before = recorded.catalog.attached?.bound;
    if (same && before) return planPartitionChange(live, { ...wanted, bound: before });
    const isSpelt = live.attached && boundSql(live.attached.bound) === boundSql(wanted.bound);
    if (!live.attached || isSpelt) return planPartitionChange(live, wanted);
    const bound = await ask.read((session) => boundWords(session, wanted));
    return planPartitionChange(live, { ...wanted, bound: bound ?? wanted.bound });
  },
  planDrop: async (live) => ({ plan: planPartitionDrop(live), refusals: [], warnings: [] }),
};

function adoptPartition(live: PartitionCatalog): PartitionSpec {
  const { attached, partitionBy } = live;
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
  };
}

/** A detached partition keeps its inputs: that it is none any more stands in the catalogue's description. */
function driftOfPartition(
  { spec, catalog }: Recorded<PartitionSpec, PartitionCatalog>,
  live: PartitionCatalog,
): PartitionSpec {
  const { owner, bound, parent, parentSchema, partitionBy } = live.attached ? adoptPartition(live) : spec;
  const before = catalog.attached;
  const isParentKept =
    before?.parent === live.attached?.parent && before?.parentSchema === live.attached?.parentSchema;
  const isBoundKept = isSame(boundProperties(before?.bound), boundProperties(live.attached?.bound));
  const isSplitKept = partitionText(catalog.partitionBy) === partitionText(live.partitionBy);
  const split = isSplitKept ? spec.partitionBy : partitionBy;
  const above =
    before && !isParentKept ? { parent, ...(parentSchema !== undefined && { parentSchema }) } : {};
  return {
    ...spec,
    ...above,
    ...(spec.owner !== undefined && owner !== undefined && live.owner !== catalog.owner && { owner }),
    bound: !before || isBoundKept ? spec.bound : bound,
    ...(split && { partitionBy: split }),
  };
}

function boundProperties(bound: BoundCatalog | undefined): ReturnType<typeof toProperties> | undefined {
  return bound && toProperties(bound);
}

/** The bound as the server prints it, which it does in the type of each key column. */
async function boundWords(session: Session, spec: PartitionSpec): Promise<BoundSpec> {
  const parent = await readParent(session, spec.parentSchema ?? spec.schema, spec.parent);
  const values: { text: string; column: number }[] = [];
  mapBound(spec.bound, (text, column) => {
    values.push({ text, column });
    return text;
  });
  if (!parent || values.length === 0) return spec.bound;
  // The types are format_type's own words, so they need no quotes.
  const casts = values.map(
    ({ column }, at) => `$${at + 1}::text::${parent.keyTypes[column] ?? "text"}::text`,
  );
  const [row] = await session.query<{ printed: string[] }>(
    `SELECT json_build_array(${casts.join(", ")}) AS printed`,
    values.map(({ text }) => text),
  );
  const printed = [...(row?.printed ?? [])];
  return mapBound(spec.bound, (text) => printed.shift() ?? text);
}
