import { partitionKind } from "../../provider/pgddl/kinds/partition-kind.ts";
import type { PartitionSpec } from "../../provider/pgddl/spec.ts";
import type { Scenario } from "./lock-scenarios.ts";

const shop = { schema: "shop", owner: "shop_owner" } as const;
const year = (
  parent: string,
  name: string,
  number: number,
  rest: Partial<PartitionSpec> = {},
): PartitionSpec => ({
  ...{ ...shop, name, parent, bound: { from: [`${number}-01-01`], to: [`${number + 1}-01-01`] } },
  ...rest,
});

const create = (name: string, spec: PartitionSpec, setup?: string): Scenario => ({
  name: `partition: ${name}`,
  ...(setup !== undefined && { setup }),
  plan: (planner) => planner.create(partitionKind, spec),
});
const change = (name: string, id: string, part: Partial<PartitionSpec>, setup?: string): Scenario => ({
  name: `partition: ${name}`,
  ...(setup !== undefined && { setup }),
  plan: (planner) => planner.change(partitionKind, id, (spec) => ({ ...spec, ...part })),
});
const drop = (name: string, id: string, setup?: string): Scenario => ({
  name: `partition: ${name}`,
  ...(setup !== undefined && { setup }),
  plan: (planner) => planner.drop(partitionKind, id),
});

/** Foreign keys in both directions, to and from a partitioned table too. */
const linked = `
  CREATE TABLE zone (code int, at date, PRIMARY KEY (code, at)) PARTITION BY RANGE (at);
  CREATE TABLE zone_1 PARTITION OF zone FOR VALUES FROM ('2024-01-01') TO ('2030-01-01');
  ALTER TABLE event ADD CONSTRAINT event_key UNIQUE (kind, at, body), ADD zone int;
  ALTER TABLE event ADD CONSTRAINT f FOREIGN KEY (kind) REFERENCES item, ADD CONSTRAINT g FOREIGN KEY (zone, at) REFERENCES zone;
  CREATE TABLE seen (kind int, at date, body text, FOREIGN KEY (kind, at, body) REFERENCES event (kind, at, body));
  CREATE TABLE heard (kind int, at date, body text, FOREIGN KEY (kind, at, body) REFERENCES event (kind, at, body))
    PARTITION BY LIST (kind);
  CREATE TABLE heard_1 PARTITION OF heard FOR VALUES IN (1)`;
const unique =
  "DELETE FROM event WHERE ctid NOT IN (SELECT min(ctid) FROM event GROUP BY tableoid, kind, at, body);";
const ends2025 = { bound: { from: ["2024-01-01"], to: ["2024-07-01"] } };
const fill = (table: string): string =>
  `INSERT INTO ${table} (at, kind) SELECT '2024-02-02', 1 FROM generate_series(1, 10001)`;

export const partitionScenarios: readonly Scenario[] = [
  create("create", year("event", "event_3", 2026)),
  create(
    "create, partitioned itself",
    year("event", "event_3", 2026, { partitionBy: { strategy: "hash", columns: ["at"] } }),
  ),
  create("create beside a default", year("kept", "kept_2", 2025)),
  create("create between foreign keys", year("event", "event_3", 2026), unique + linked),
  create(
    "create below a partition, between foreign keys",
    { ...shop, name: "event_2b", parent: "event_2", bound: { in: ["3"] } },
    unique + linked,
  ),
  create(
    "take rows from the default",
    year("kept", "kept_30", 2030, { moveFromDefault: true }),
    "DELETE FROM kept_1; DELETE FROM kept_rest WHERE at > '2030-01-02'",
  ),
  create(
    "adopt",
    year("event", "event_3", 2026, { adopt: true }),
    "CREATE TABLE event_3 (LIKE event INCLUDING ALL); INSERT INTO event_3 VALUES ('2026-01-01', 1), ('2026-01-02', 1)",
  ),
  create(
    "adopt a big one",
    year("event", "event_3", 2024, { adopt: true }),
    `ALTER TABLE event DETACH PARTITION event_1; CREATE TABLE event_3 (LIKE event INCLUDING ALL); ${fill("event_3")}`,
  ),
  create(
    "adopt one that was attached between foreign keys",
    year("event", "event_1", 2024, { adopt: true }),
    `${unique}${linked}; ALTER TABLE event DETACH PARTITION event_1`,
  ),
  change("change the bound", "shop.event_1", ends2025),
  change("change the bound between foreign keys", "shop.event_1", ends2025, unique + linked),
  change("change the bound beside a default", "shop.kept_1", ends2025),
  change("change the bound of a big one", "shop.event_1", ends2025, fill("event")),
  change("change the bound of a partitioned one", "shop.event_2", {
    bound: { from: ["2025-01-01"], to: ["2025-07-01"] },
  }),
  change("rename", "shop.event_1", { name: "event_one", renamedFrom: "event_1" }),
  change("comment, owner and parameters", "shop.event_1", {
    ...{ comment: "New.", owner: "other_owner", storageParameters: { fillfactor: "50" } },
  }),
  change("unlogged", "shop.event_1", { unlogged: true }),
  drop("drop", "shop.event_1", "DELETE FROM event"),
  drop("drop between foreign keys", "shop.event_1", `DELETE FROM event; ${linked}`),
  drop("drop beside a default", "shop.kept_1", "DELETE FROM kept_1"),
  drop("keep", "shop.event_1"),
  drop("keep, between foreign keys", "shop.event_1", unique + linked),
  drop("keep, beside a default", "shop.kept_1"),
  drop("keep the default", "shop.kept_rest"),
  drop("keep a partitioned one", "shop.event_2", unique + linked),
];
