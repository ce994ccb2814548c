import { hasUnknown, type Properties, type Value } from "../../host/values.ts";
import type { Parsed } from "./parsed.ts";
import { parseArchive, parseColumns } from "./column-check.ts";
import {
  checkColumnsExist,
  checkKeyHolds,
  checkNamesDiffer,
  checkUniquesDiffer,
  parseCheck,
  parseFormerName,
  parseKey,
} from "./constraint-check.ts";
import { Inspector } from "./inspector.ts";
import { overrideKeys, parseOverrides } from "./override-check.ts";
import { parseStorage, storageKeys } from "./storage-check.ts";
import type { CheckSpec, ColumnSpec, KeySpec, PartitionBySpec, TableSpec } from "../spec.ts";

const strategies = ["range", "list", "hash"] as const;
const targets = { allowDataLoss: ["column:", "rows"], allowRewrite: ["column:", "table"] };

export function parseTable(inputs: Properties): Parsed<TableSpec> {
  const look = new Inspector();
  look.keys("", inputs, [
    ...["schema", "name", "owner", "columns", "primaryKey", "uniques", "checks", "partitionBy", "comment"],
    ...["archiveTo", "enforce", "adopt", "renamedFrom", ...storageKeys, ...overrideKeys],
  ]);
  const schema = look.identifier("schema", inputs["schema"], true);
  if (schema === "information_schema") {
    look.fault("schema", '"information_schema" is the server\'s own; choose another');
  }
  const name = look.identifier("name", inputs["name"], true);
  const owner = look.identifier("owner", inputs["owner"]);
  const comment = look.text("comment", inputs["comment"], "a text, or leave it out");
  const columns = parseColumns(look, inputs["columns"]);
  const key = inputs["primaryKey"];
  const primaryKey = isGiven(key) ? parseKey(look, "primaryKey", key) : undefined;
  const uniques = eachOf(look, "uniques", inputs["uniques"], "a list of keys", parseKey);
  const checks = eachOf(look, "checks", inputs["checks"], "a list of checks", parseCheck);
  const partitionBy = parsePartitionBy(look, inputs["partitionBy"]);
  const storage = parseStorage(look, inputs, isGiven(inputs["partitionBy"]));
  const overrides = parseOverrides(look, inputs, targets);
  const archiveTo = parseArchive(look, inputs["archiveTo"]);
  const enforce = look.flag("enforce", inputs["enforce"]);
  const adopt = look.flag("adopt", inputs["adopt"]);
  const renamedFrom = parseFormerName(look, "", inputs["renamedFrom"], name);

  // A list with unknown columns in it cannot tell which names are wrong.
  const known = hasUnknown(inputs["columns"]) ? undefined : columns;
  checkConstraints(look, { columns: known, primaryKey, uniques, checks, partitionBy });
  if (look.faults.length > 0 || hasUnknown(inputs) || schema === undefined || name === undefined) {
    return { faults: look.faults };
  }
  return {
    faults: [],
    spec: {
      schema,
      name,
      ...(owner !== undefined && { owner }),
      columns,
      ...(primaryKey && { primaryKey }),
      ...(uniques.length > 0 && { uniques }),
      ...(checks.length > 0 && { checks }),
      ...(partitionBy && { partitionBy }),
      ...(comment !== undefined && { comment }),
      ...storage,
      ...overrides,
      ...(archiveTo && { archiveTo }),
      ...(enforce !== undefined && { enforce }),
      ...(adopt !== undefined && { adopt }),
      ...(renamedFrom !== undefined && { renamedFrom }),
    },
  };
}

interface Constraints {
  readonly columns: readonly ColumnSpec[] | undefined;
  readonly primaryKey: KeySpec | undefined;
  readonly uniques: readonly KeySpec[];
  readonly checks: readonly CheckSpec[];
  readonly partitionBy: PartitionBySpec | undefined;
}

/** What keys, checks and the partition key have to do with each other and with the columns. */
function checkConstraints(look: Inspector, given: Constraints): void {
  const { primaryKey, uniques, checks, partitionBy } = given;
  const keys = [
    { path: "primaryKey", key: primaryKey },
    ...uniques.map((unique, at) => ({ path: `uniques[${at}]`, key: unique })),
  ];
  const known = given.columns?.map((column) => column.name);
  if (known) {
    for (const { path, key } of keys) checkColumnsExist(look, `${path}.columns`, key?.columns, known);
    checkColumnsExist(look, "partitionBy.columns", partitionBy?.columns, known);
  }
  const named = [
    ...keys.map(({ path, key }) => ({ path, spec: key })),
    ...checks.map((check, at) => ({ path: `checks[${at}]`, spec: check })),
  ];
  checkNamesDiffer(look, [
    ...named.map(({ path, spec }) => ({ path: `${path}.name`, name: spec?.name })),
    ...named.map(({ path, spec }) => ({ path: `${path}.renamedFrom`, name: spec?.renamedFrom })),
  ]);
  checkUniquesDiffer(look, primaryKey, uniques);
  if (!partitionBy) return;
  for (const { path, key } of keys) checkKeyHolds(look, `${path}.columns`, key?.columns, partitionBy);
}

/** PARTITION BY, of a table or of a partition that is itself partitioned. */
export function parsePartitionBy(look: Inspector, value: Value | undefined): PartitionBySpec | undefined {
  if (!isGiven(value)) return undefined;
  const path = "partitionBy";
  const given = look.object(path, value, ["strategy", "columns"]);
  if (!given) return undefined;
  const strategy = look.choice(`${path}.strategy`, given["strategy"], strategies, true);
  const columns = look.names(`${path}.columns`, given["columns"]);
  if (strategy === "list" && columns && columns.length > 1) {
    look.fault(`${path}.columns`, `has ${columns.length} columns; a list partition key has one`);
  }
  return strategy && columns ? { strategy, columns } : undefined;
}

/** Whether an optional property is there at all. */
export function isGiven(value: Value | undefined): value is Exclude<Value, null> {
  return value !== undefined && value !== null;
}

function eachOf<T>(
  look: Inspector,
  path: string,
  value: Value | undefined,
  what: string,
  parse: (look: Inspector, path: string, value: Value) => T | undefined,
): readonly T[] {
  // An empty list says the same as none.
  if (!isGiven(value) || (Array.isArray(value) && value.length === 0)) return [];
  const items = look.list(path, value, what) ?? [];
  return items.map((item, at) => parse(look, `${path}[${at}]`, item)).filter((each) => each !== undefined);
}
