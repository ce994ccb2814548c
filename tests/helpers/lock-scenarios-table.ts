import { tableKind } from "../../provider/pgddl/kinds/table-kind.ts";
import type { TableSpec } from "../../provider/pgddl/spec.ts";
import type { Scenario } from "./lock-scenarios.ts";

type Edit = (spec: TableSpec) => TableSpec;

const change = (name: string, what: string, edit: Edit, setup?: string): Scenario => ({
  name: `${name}: ${what}`,
  plan: (planner) => planner.change(tableKind, `shop.${name}`, edit),
  ...(setup !== undefined && { setup }),
});
const withCheck =
  (name: string, expression: string, renamedFrom?: string): Edit =>
  (spec) => ({ ...spec, checks: [{ name, expression, ...(renamedFrom !== undefined && { renamedFrom }) }] });
const without =
  (key: "checks" | "uniques" | "primaryKey" | "storageParameters"): Edit =>
  (spec) => {
    const rest = { ...spec };
    Reflect.deleteProperty(rest, key);
    return rest;
  };
const eventKey =
  (...columns: readonly string[]): Edit =>
  (spec) => ({ ...spec, primaryKey: { columns } });
const serials =
  "CREATE TABLE numbered (id serial PRIMARY KEY, a int); INSERT INTO numbered (a) SELECT g FROM generate_series(1, 50) g";

/** What a Table can be told beyond its columns; `item` is an ordinary one, `event` is partitioned on two levels. */
export const tableScenarios: readonly Scenario[] = [
  change("item", "another expression of a check", withCheck("shelf_ok", "shelf > -1")),
  change("event", "another expression of a check", withCheck("kind_ok", "kind > -1")),
  change("item", "rename a check", withCheck("fine", "(shelf >= 0)", "shelf_ok")),
  change("event", "rename a check", withCheck("fine", "(kind > 0)", "kind_ok")),
  change("item", "drop a check", without("checks")),
  change("event", "drop a check", without("checks")),
  change("item", "add a unique constraint", (spec) => ({
    ...spec,
    uniques: [...(spec.uniques ?? []), { name: "u", columns: ["price"] }],
  })),
  change("item", "drop a unique constraint", without("uniques")),
  change("item", "rename a unique constraint", (spec) => ({
    ...spec,
    uniques: [{ name: "fine", columns: ["name", "id"], renamedFrom: "item_key" }],
  })),
  change("item", "other columns of a unique constraint", (spec) => ({
    ...spec,
    uniques: [{ name: "item_key", columns: ["name"] }],
  })),
  change("item", "other columns of the primary key", eventKey("id", "name")),
  change("item", "drop the primary key", without("primaryKey")),
  change("event", "add a primary key", eventKey("at", "kind")),
  change("event", "add a unique constraint", (spec) => ({
    ...spec,
    uniques: [{ name: "u", columns: ["at", "kind"] }],
  })),
  change(
    "event",
    "other columns of the primary key",
    eventKey("kind", "at"),
    "ALTER TABLE event ADD PRIMARY KEY (at, kind)",
  ),
  change(
    "event",
    "drop the primary key",
    without("primaryKey"),
    "ALTER TABLE event ADD PRIMARY KEY (at, kind)",
  ),
  change(
    "event",
    "rename the primary key",
    (spec) => ({
      ...spec,
      primaryKey: { name: "fine", columns: ["at", "kind"], renamedFrom: "event_pkey" },
    }),
    "ALTER TABLE event ADD PRIMARY KEY (at, kind)",
  ),
  change(
    "event",
    "finish a half-built unique constraint",
    (spec) => spec,
    `
    ALTER TABLE ONLY event ADD CONSTRAINT u UNIQUE (at, kind);
    ALTER TABLE event_1 ADD CONSTRAINT own UNIQUE (at, kind)`,
  ),
  change(
    "empty",
    "add keys",
    (spec) => ({ ...spec, primaryKey: { columns: ["a"] } }),
    "CREATE TABLE empty (a int NOT NULL)",
  ),
  change("item", "rename it", (spec) => ({ ...spec, name: "thing", renamedFrom: "item" })),
  change("event", "rename it", (spec) => ({ ...spec, name: "thing", renamedFrom: "event" })),
  change("item", "storage parameters", (spec) => ({ ...spec, storageParameters: { fillfactor: "70" } })),
  change(
    "item",
    "no storage parameters",
    without("storageParameters"),
    "ALTER TABLE item SET (fillfactor = 70, autovacuum_enabled = off)",
  ),
  change("numbered", "turn it unlogged", (spec) => ({ ...spec, unlogged: true }), serials),
  change(
    "numbered",
    "turn it logged",
    (spec) => ({ ...spec, unlogged: false }),
    `${serials}; ALTER TABLE numbered SET UNLOGGED`,
  ),
  change(
    "item",
    "an index that a cut-off build left behind",
    (spec) => spec,
    "CREATE UNIQUE INDEX i__pgddl_key ON item (id)",
  ),
];
