import { foreignKeyKind } from "../../provider/pgddl/kinds/foreign-key-kind.ts";
import { indexKind } from "../../provider/pgddl/kinds/index-kind.ts";
import type { ForeignKeySpec, IndexSpec } from "../../provider/pgddl/spec.ts";
import type { Scenario } from "./lock-scenarios.ts";

const createIndex = (what: string, spec: Partial<IndexSpec>, setup?: string): Scenario => ({
  name: `index: ${what}`,
  ...(setup !== undefined && { setup }),
  plan: (planner) =>
    planner.create(indexKind, { schema: "shop", table: "item", name: "i", columns: ["shelf"], ...spec }),
});
const changeIndex = (what: string, setup: string, change: Partial<IndexSpec>): Scenario => ({
  name: `index: ${what}`,
  setup,
  plan: (planner) => planner.change(indexKind, "shop.i", (spec) => ({ ...spec, ...change })),
});
const dropIndex = (what: string, setup: string): Scenario => ({
  name: `index: ${what}`,
  setup,
  plan: (planner) => planner.drop(indexKind, "shop.i"),
});
const onItem = "CREATE INDEX i ON item (shelf)";
const onEvent = "CREATE INDEX i ON event (kind)";

export const indexScenarios: readonly Scenario[] = [
  createIndex("on rows", { comment: "c", where: "shelf > 3" }),
  createIndex("unique on rows", { columns: ["id", "shelf"], unique: true }),
  createIndex("on partitions with rows", { table: "event", columns: ["kind"] }),
  createIndex(
    "on an empty table",
    { table: "empty", columns: ["a"], comment: "c" },
    "CREATE TABLE empty (a int)",
  ),
  createIndex(
    "on an empty partitioned table",
    { table: "empty", columns: ["a"] },
    "CREATE TABLE empty (a int) PARTITION BY LIST (a); CREATE TABLE empty_1 PARTITION OF empty DEFAULT",
  ),
  changeIndex("other columns", onItem, { columns: ["shelf", { expression: "lower(name)" }], comment: "c" }),
  changeIndex("other columns of partitioned", onEvent, { columns: ["kind", "at"], comment: "c" }),
  changeIndex("go on after a swap", `${onItem}; CREATE INDEX i__pgddl_old ON item (id)`, {}),
  changeIndex("go on with a shell", `CREATE INDEX i ON ONLY event (kind)`, {}),
  changeIndex("take back a shell", `${onEvent}; CREATE INDEX i__pgddl_new ON ONLY event (at)`, {}),
  changeIndex("rename", onItem, { name: "j", renamedFrom: "i", comment: "c" }),
  changeIndex("rename of partitioned", onEvent, { name: "j", renamedFrom: "i" }),
  changeIndex("a quiet parameter", onItem, { storageParameters: { fillfactor: "70" } }),
  changeIndex("a loud parameter", "CREATE INDEX i ON item USING brin (shelf)", {
    storageParameters: { pages_per_range: "8" },
  }),
  dropIndex("drop", onItem),
  dropIndex("drop of partitioned", onEvent),
];

const key: ForeignKeySpec = {
  ...{ schema: "shop", table: "line", name: "f", columns: ["item_id"] },
  references: { table: "item", columns: ["id"] },
};
const createKey = (what: string, spec: Partial<ForeignKeySpec>, setup?: string): Scenario => ({
  name: `foreign key: ${what}`,
  ...(setup !== undefined && { setup }),
  plan: (planner) => planner.create(foreignKeyKind, { ...key, ...spec }),
});
const changeKey = (what: string, table: string, change: Partial<ForeignKeySpec>, more = ""): Scenario => ({
  name: `foreign key: ${what}`,
  setup: `${addKey(table)}${more}`,
  plan: (planner) => planner.change(foreignKeyKind, `shop.${table}.f`, (spec) => ({ ...spec, ...change })),
});
const addKey = (table: string): string =>
  `ALTER TABLE ${table} ADD CONSTRAINT f FOREIGN KEY (${table === "line" ? "item_id" : "kind"}) REFERENCES item`;
const toPartitioned = `
  CREATE TABLE person (id int PRIMARY KEY) PARTITION BY RANGE (id);
  CREATE TABLE person_1 PARTITION OF person FOR VALUES FROM (0) TO (1000);
  INSERT INTO person SELECT generate_series(1, 50)`;

export const foreignKeyScenarios: readonly Scenario[] = [
  createKey("add", {}),
  createKey(
    "add to a partitioned table",
    { references: { table: "person", columns: ["id"] } },
    toPartitioned,
  ),
  createKey("add from a partitioned table", { table: "event", columns: ["kind"] }),
  createKey("add to itself", { table: "item", columns: ["shelf"] }, "INSERT INTO item VALUES (0)"),
  changeKey("another action", "line", { onDelete: "cascade" }),
  changeKey("another action from a partitioned table", "event", { onDelete: "cascade" }),
  changeKey(
    "another reference",
    "line",
    { references: { table: "person", columns: ["id"] } },
    `; ${toPartitioned}`,
  ),
  changeKey("defer", "line", { deferrable: "initially deferred" }),
  changeKey("defer from a partitioned table", "event", { deferrable: "initially deferred" }),
  changeKey("rename", "line", { name: "g", renamedFrom: "f" }),
  changeKey("rename from a partitioned table", "event", { name: "g", renamedFrom: "f" }),
  {
    name: "foreign key: drop",
    setup: addKey("line"),
    plan: (planner) => planner.drop(foreignKeyKind, "shop.line.f"),
  },
  {
    name: "foreign key: drop from a partitioned table",
    setup: addKey("event"),
    plan: (planner) => planner.drop(foreignKeyKind, "shop.event.f"),
  },
];
