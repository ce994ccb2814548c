import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Properties } from "../../../provider/host/values.ts";
import { compareBounds, parsePartition } from "../../../provider/pgddl/check/partition-check.ts";

const inputs = (rest: Properties): Properties => ({
  ...{
    schema: "shop",
    name: "users_2024",
    parent: "users",
    bound: { from: ["2024-01-01"], to: ["2025-01-01"] },
  },
  ...rest,
});
const faultsOf = (rest: Properties): Record<string, string> =>
  Object.fromEntries(parsePartition(inputs(rest)).faults.map(({ property, reason }) => [property, reason]));

describe("check of a partition", () => {
  test("every property is parsed as it was written", () => {
    const all = inputs({
      ...{
        parentSchema: "base",
        owner: "shop_owner",
        comment: "It's 2024.",
        moveFromDefault: true,
        adopt: false,
      },
      ...{
        renamedFrom: "users_24",
        unlogged: true,
        tablespace: "fast",
        storageParameters: { fillfactor: "70" },
      },
      ...{ allowDataLoss: ["rows"], allowRewrite: ["table"] },
    });
    assert.deepEqual(parsePartition(all), { faults: [], spec: all });
  });

  test("what contradicts itself is told at the property", () => {
    const split = { strategy: "hash", columns: ["id"] };
    assert.match(faultsOf({ partitionBy: split, unlogged: true })["unlogged"] ?? "", /stores no rows itself/);
    assert.match(
      faultsOf({ bound: { isDefault: true }, moveFromDefault: true })["moveFromDefault"] ?? "",
      /default partition; remove it/,
    );
    assert.match(faultsOf({ renamedFrom: "users_2024" })["renamedFrom"] ?? "", /the name itself/);
    assert.match(faultsOf({ parent: "users_2024" })["parent"] ?? "", /the partition itself/);
    assert.match(faultsOf({ allowDataLoss: ["column:a"] })["allowDataLoss[0]"] ?? "", /names nothing/);
    assert.match(faultsOf({ allowRewrite: ["rows"] })["allowRewrite[0]"] ?? "", /names nothing/);
    assert.match(faultsOf({ force: true })["force"] ?? "", /is not a property/);
  });

  test("an empty range is told where the texts alone tell", () => {
    const range = (from: string, to: string): string =>
      faultsOf({ bound: { from: [from], to: [to] } })["bound.to"] ?? "";
    assert.match(range("2025-01-01", "2024-01-01"), /empty/);
    assert.match(range("2024-01-01", "2024-01-01 00:00"), /empty/);
    assert.match(range("10", "9"), /empty/);
    assert.match(range("MAXVALUE", "1"), /empty/);
    assert.equal(range("9", "10"), "");
    assert.equal(range("b", "a"), "", "how texts sort is the collation's business");
    assert.equal(compareBounds("2024-01-01", "7"), undefined);
  });
});
