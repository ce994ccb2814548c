import { isProperties, type Properties } from "../../provider/host/values.ts";
import type { Made } from "./pgddl-database.ts";
import type { ResourceClient } from "./provider-client.ts";

/** One operation on one resource, on tables with rows in them. */
export interface CrashScenario {
  readonly name: string;
  readonly type: "Table" | "Partition" | "PartitionSet" | "Index" | "ForeignKey";
  /** Run in the schema `shop` by its owner, after the tables of the lock scenarios. */
  readonly setup?: string;
  /** Imported first, and then changed to `wanted`; a create without it. */
  readonly id?: string;
  /** What somebody holds so that the longest statement of it waits and can be ended in the middle. */
  readonly held?: string;
  /** Absent: it is removed. */
  readonly wanted?: (now: Properties) => Properties;
}

const oldSnapshot = "BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1";
const shop = { schema: "shop" };

function columnsOf({ columns }: Properties): readonly Properties[] {
  return Array.isArray(columns) ? columns.filter(isProperties) : [];
}

/** `columns` with one of them changed. */
function column(now: Properties, name: string, part: Properties): Properties {
  return {
    ...now,
    columns: columnsOf(now).map((each) => (each["name"] === name ? { ...each, ...part } : each)),
  };
}

const kindIndex = { ...shop, table: "event", name: "event_kind", columns: ["kind"] };

export const crashScenarios: readonly CrashScenario[] = [
  { name: "an index of a partitioned table", type: "Index", held: oldSnapshot, wanted: () => kindIndex },
  {
    name: "an index",
    type: "Index",
    held: oldSnapshot,
    wanted: () => ({ ...shop, table: "item", name: "item_shelf", columns: ["shelf", "id"], unique: true }),
  },
  {
    name: "a foreign key",
    type: "ForeignKey",
    wanted: () => ({
      ...{ ...shop, table: "line", name: "f", columns: ["item_id"] },
      references: { table: "item", columns: ["id"] },
    }),
  },
  {
    name: "checks",
    type: "Table",
    id: "shop.item",
    wanted: (now) => ({
      ...now,
      checks: [
        { name: "shelf_ok", expression: "shelf >= 0" },
        { name: "a", expression: "id > 0" },
        { name: "b", expression: "price > 0" },
      ],
      comment: "checked",
    }),
  },
  {
    name: "a partition that goes",
    type: "Partition",
    id: "shop.event_1",
    held: "BEGIN; LOCK TABLE ONLY shop.event IN ACCESS SHARE MODE",
  },
  { name: "a partition that goes, beside a default", type: "Partition", id: "shop.kept_1" },
  {
    name: "a partition",
    type: "Partition",
    wanted: () => ({
      ...shop,
      name: "event_3",
      parent: "event",
      bound: { from: ["2026-01-01"], to: ["2027-01-01"] },
    }),
  },
  {
    name: "NOT NULL",
    type: "Table",
    id: "shop.event",
    wanted: (now) => column(now, "kind", { notNull: true }),
  },
  {
    name: "NOT NULL of a column with nulls",
    type: "Table",
    id: "shop.item",
    wanted: (now) => column(now, "note", { notNull: true, backfill: "'none'" }),
  },
  {
    name: "a unique constraint",
    type: "Table",
    id: "shop.item",
    wanted: (now) => ({
      ...now,
      uniques: [
        { name: "item_key", columns: ["name", "id"] },
        { name: "item_price", columns: ["price"] },
      ],
    }),
  },
  {
    name: "a unique constraint of a partitioned table",
    type: "Table",
    id: "shop.event",
    wanted: (now) => ({ ...now, uniques: [{ name: "event_key", columns: ["at", "kind"] }] }),
    setup: "DELETE FROM event",
  },
  {
    name: "a changed check",
    type: "Table",
    id: "shop.event",
    wanted: (now) => ({ ...now, checks: [{ name: "kind_ok", expression: "kind > 0 AND kind < 100" }] }),
  },
  {
    name: "another definition of an index",
    type: "Index",
    held: oldSnapshot,
    id: "shop.i",
    setup: "CREATE INDEX i ON item (shelf)",
    wanted: (now) => ({ ...now, columns: ["price", "shelf"] }),
  },
  {
    name: "another definition of an index of a partitioned table",
    type: "Index",
    id: "shop.i",
    held: oldSnapshot,
    setup: "CREATE INDEX i ON event (kind)",
    wanted: (now) => ({ ...now, columns: ["kind", { expression: "lower(body)" }], comment: "c" }),
  },
  {
    name: "another action of a foreign key",
    type: "ForeignKey",
    id: "shop.line.f",
    setup: "ALTER TABLE line ADD CONSTRAINT f FOREIGN KEY (item_id) REFERENCES item",
    wanted: (now) => ({ ...now, onDelete: "cascade" }),
  },
  {
    name: "another name of an index",
    type: "Index",
    id: "shop.i",
    setup: "CREATE INDEX i ON item (shelf)",
    wanted: (now) => ({ ...now, name: "j", renamedFrom: "i", comment: "c" }),
  },
  {
    name: "another bound",
    type: "Partition",
    id: "shop.event_1",
    wanted: (now) => ({ ...now, bound: { from: ["2023-01-01"], to: ["2025-01-01"] } }),
  },
  { name: "a column that is filled", type: "Table", id: "shop.item", wanted: addFilled },
];

function addFilled(now: Properties): Properties {
  return {
    ...now,
    columns: [...columnsOf(now), { name: "full", type: "int", notNull: true, backfill: "id * 2" }],
  };
}

/**
 * Carries a scenario out as the engine would, from what its state holds.
 * @param program the inputs that `wanted` starts from, which a failure does not change
 * @returns what the state holds when it went well; `known` when it was removed
 */
export async function carryOut(
  { wanted }: CrashScenario,
  client: ResourceClient,
  program: Properties | undefined,
  known: Made | undefined,
): Promise<Made | undefined> {
  if (!wanted) {
    if (known) await client.delete(known.id, known);
    return known;
  }
  const news = wanted(program ?? {});
  if (!known) return client.make(news);
  const { changes } = await client.diff(known.id, known, news);
  if (Object.keys(changes).length === 0) return { ...known, inputs: news };
  const { outputs } = await client.update(known.id, known, news);
  return { id: known.id, inputs: news, outputs };
}
