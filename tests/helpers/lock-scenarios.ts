import { tableKind } from "../../provider/pgddl/kinds/table-kind.ts";
import type { TableSpec } from "../../provider/pgddl/spec.ts";
import type { LivePlan, LivePlanner } from "./live-planner.ts";
import { columnScenarios } from "./lock-scenarios-column.ts";
import { foreignKeyScenarios, indexScenarios } from "./lock-scenarios-index.ts";
import { partitionScenarios } from "./lock-scenarios-partition.ts";
import { tableScenarios } from "./lock-scenarios-table.ts";
import type { PostgresVersion } from "./postgres-server.ts";

/** A change of a live table with rows in it, of which every statement is looked at. */
export interface Scenario {
  readonly name: string;
  /** Run in the schema `shop` by its owner, after the tables that all scenarios have. */
  readonly setup?: string;
  plan(planner: LivePlanner): Promise<LivePlan>;
  readonly since?: PostgresVersion;
}

/** What every scenario finds: a table, one that references it, and a partitioned one. Each leaf has rows. */
export const commonSetup = `
  CREATE TABLE item (
    id int PRIMARY KEY, shelf int, name varchar(20) NOT NULL DEFAULT 'x', price numeric(8, 2), note text, at timestamp,
    CONSTRAINT shelf_ok CHECK (shelf >= 0), CONSTRAINT item_key UNIQUE (name, id));
  CREATE TABLE line (item_id int, n int);
  CREATE TABLE event (at date NOT NULL, kind int, body text, CONSTRAINT kind_ok CHECK (kind > 0))
    PARTITION BY RANGE (at);
  CREATE TABLE event_1 PARTITION OF event FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  CREATE TABLE event_2 PARTITION OF event FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (kind);
  CREATE TABLE event_2a PARTITION OF event_2 FOR VALUES IN (1, 2);
  CREATE TABLE kept (at date NOT NULL, kind int) PARTITION BY RANGE (at);
  CREATE TABLE kept_1 PARTITION OF kept FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
  CREATE TABLE kept_rest PARTITION OF kept DEFAULT;
  INSERT INTO item SELECT g, g % 10, 'n' || g, g, NULL, '2024-01-01' FROM generate_series(1, 50) AS g;
  INSERT INTO line SELECT g, g FROM generate_series(1, 50) AS g;
  INSERT INTO event SELECT date '2024-01-01' + g, 1, 'b' FROM generate_series(1, 50) AS g;
  INSERT INTO event SELECT date '2025-01-01' + g, 1 + g % 2, 'b' FROM generate_series(1, 50) AS g;
  INSERT INTO kept SELECT date '2024-01-01' + g, 1 FROM generate_series(1, 50) AS g;
  INSERT INTO kept SELECT date '2030-01-01' + g, 1 FROM generate_series(1, 50) AS g`;

const shop = { schema: "shop", owner: "shop_owner" } as const;

type Edit = (spec: TableSpec) => TableSpec;

const table = (name: string, what: string, edit: Edit, rest: Partial<Scenario> = {}): Scenario => ({
  name: `${name}: ${what}`,
  plan: (planner) => planner.change(tableKind, `shop.${name}`, edit),
  ...rest,
});
export const scenarios: readonly Scenario[] = [
  ...columnScenarios,
  ...tableScenarios,
  table("item", "comment", (spec) => ({ ...spec, comment: "things" })),
  table("event", "comment", (spec) => ({ ...spec, comment: "things" })),
  table("item", "add a check", (spec) => ({
    ...spec,
    checks: [...(spec.checks ?? []), { name: "c", expression: "id > 0" }],
  })),
  table("event", "add a check", (spec) => ({
    ...spec,
    checks: [...(spec.checks ?? []), { name: "c", expression: "kind < 99" }],
  })),
  table("item", "another owner", (spec) => ({ ...spec, owner: "other_owner" })),
  table("event", "another owner", (spec) => ({ ...spec, owner: "other_owner" })),
  {
    name: "item: create another",
    plan: (planner) =>
      planner.create(tableKind, { ...shop, name: "t", columns: [{ name: "a", type: "int" }], comment: "c" }),
  },
  {
    name: "empty: drop",
    setup: "CREATE TABLE empty (id serial PRIMARY KEY)",
    plan: (planner) => planner.drop(tableKind, "shop.empty"),
  },
  {
    name: "empty: drop with foreign keys",
    setup: `CREATE TABLE empty (id int PRIMARY KEY, item_id int REFERENCES item)`,
    plan: (planner) => planner.drop(tableKind, "shop.empty"),
  },
  ...indexScenarios,
  ...foreignKeyScenarios,
  ...partitionScenarios,
];
