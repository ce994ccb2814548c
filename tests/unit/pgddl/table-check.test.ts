import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Properties } from "../../../provider/host/values.ts";
import { parseTable } from "../../../provider/pgddl/check/table-check.ts";

const columns = [
  { name: "id", type: "int" },
  { name: "at", type: "date" },
];
const inputs = (rest: Properties): Properties => ({ schema: "s", name: "t", columns, ...rest });
const faultsOf = (rest: Properties): string[] =>
  parseTable(inputs(rest)).faults.map(({ property, reason }) => `${property} ${reason}`);
const onlyFault = (rest: Properties, pattern: RegExp): void => {
  const faults = faultsOf(rest);
  assert.equal(faults.length, 1, faults.join("\n"));
  assert.match(faults[0] ?? "", pattern);
};

describe("check of what a table is told beside its columns", () => {
  test("everything that a table can be told comes through as it was given", () => {
    const all = {
      ...{ owner: "o", comment: "c", unlogged: true, tablespace: "pg_default" },
      storageParameters: { fillfactor: "70", "toast.autovacuum_enabled": "off" },
      primaryKey: { name: "p", columns: ["id"], renamedFrom: "q" },
      uniques: [{ name: "u", columns: ["at"], renamedFrom: "v" }],
      checks: [{ name: "c", expression: "id > 0", renamedFrom: "d" }],
      ...{ allowDataLoss: ["column:x", "rows"], allowRewrite: ["column:y", "table"] },
      ...{ archiveTo: { x: "old_x" }, enforce: true, adopt: true, renamedFrom: "before" },
    };
    const { spec, faults } = parseTable(inputs(all));
    assert.deepEqual(faults, []);
    assert.deepEqual(spec, inputs(all));
  });

  test("a permission names a target that a table has, once", () => {
    onlyFault(
      { allowDataLoss: ["everything"] },
      /^allowDataLoss\[0\] is "everything".*"column:NAME" or "rows"/,
    );
    onlyFault({ allowDataLoss: ["table"] }, /^allowDataLoss\[0\] is "table"/);
    onlyFault({ allowRewrite: ["rows"] }, /^allowRewrite\[0\] is "rows".*"column:NAME" or "table"/);
    onlyFault({ allowRewrite: ["column:"] }, /^allowRewrite\[0\] is empty/);
    onlyFault({ allowRewrite: ["table", "table"] }, /^allowRewrite\[1\] "table" stands twice/);
    onlyFault({ allowRewrite: "table" }, /^allowRewrite is "table"; give a list/);
  });

  test("nothing is said of the storage of a table that stores nothing", () => {
    const partitionBy = { strategy: "range", columns: ["at"] };
    const storage = { unlogged: true, tablespace: "fast", storageParameters: { fillfactor: "70" } };
    assert.deepEqual(
      faultsOf({ partitionBy, ...storage }).map((fault) => fault.split(" ")[0]),
      ["unlogged", "tablespace", "storageParameters"],
    );
    assert.deepEqual(faultsOf({ partitionBy, unlogged: false }), []);
  });

  test("a storage parameter is a name and a text", () => {
    onlyFault({ storageParameters: { fillfactor: 70 } }, /^storageParameters\.fillfactor is 70.*a string/);
    onlyFault({ storageParameters: { "fill factor": "70" } }, /is no storage parameter/);
    onlyFault({ storageParameters: ["fillfactor"] }, /^storageParameters is no object/);
  });

  test("a former name is another name, and of one object", () => {
    onlyFault({ renamedFrom: "t" }, /^renamedFrom is "t", the name itself/);
    onlyFault(
      { primaryKey: { columns: ["id"], renamedFrom: "old" } },
      /^primaryKey\.renamedFrom stands without name/,
    );
    const twice = [
      { name: "a", expression: "true", renamedFrom: "old" },
      { name: "b", expression: "true", renamedFrom: "old" },
    ];
    onlyFault({ checks: twice }, /^checks\[1\]\.renamedFrom "old"/);
  });

  test("the server's own names are refused", () => {
    onlyFault({ schema: "information_schema" }, /^schema "information_schema"/);
    onlyFault({ name: "pg_table" }, /^name "pg_table"/);
  });
});
