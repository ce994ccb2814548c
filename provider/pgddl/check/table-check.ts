import { hasUnknown, type Properties, type Value } from "../../host/values.ts";
import type { Parsed } from "./parsed.ts";
import { parseColumns } from "./column-check.ts";
import { Inspector, join } from "./inspector.ts";
import type { CheckSpec, KeySpec, PartitionBySpec, TableSpec } from "../spec.ts";

const strategies = ["range", "list", "hash"] as const;

export function parseTable(inputs: Properties): Parsed<TableSpec> {
  const look = new Inspector();
  look.keys("", inputs, [
    ...["schema", "name", "owner", "columns", "primaryKey", "uniques", "checks", "partitionBy", "comment"],
  ]);
  const schema = look.identifier("schema", inputs["schema"], true);
  const name = look.identifier("name", inputs["name"], true);
  const owner = look.identifier("owner", inputs["owner"]);
  const comment = look.text("comment", inputs["comment"], "a text, or leave it out");
  const columns = parseColumns(look, inputs["columns"]);
  const key = inputs["primaryKey"];
  const primaryKey = isGiven(key) ? parseKey(look, "primaryKey", key) : undefined;
  const uniques = eachOf(look, "uniques", inputs["uniques"], "a list of keys", parseKey);
  const checks = eachOf(look, "checks", inputs["checks"], "a list of checks", parseCheck);
  const partitionBy = parsePartitionBy(look, inputs["partitionBy"]);

  // A list with unknown columns in it cannot tell which names are wrong.
  if (!hasUnknown(inputs["columns"])) {
    const known = columns.map((column) => column.name);
    const ofKnown = (path: string, names: readonly string[] | undefined): void => {
      checkColumnsExist(look, path, names, known);
    };
    ofKnown("primaryKey.columns", primaryKey?.columns);
    uniques.forEach((unique, at) => {
      ofKnown(`uniques[${at}].columns`, unique.columns);
    });
    ofKnown("partitionBy.columns", partitionBy?.columns);
  }
  checkNamesDiffer(look, [
    { path: "primaryKey.name", name: primaryKey?.name },
    ...uniques.map((unique, at) => ({ path: `uniques[${at}].name`, name: unique.name })),
    ...checks.map((check, at) => ({ path: `checks[${at}].name`, name: check.name })),
  ]);
  if (partitionBy) {
    checkKeyHolds(look, "primaryKey.columns", primaryKey?.columns, partitionBy);
    uniques.forEach((unique, at) => {
      checkKeyHolds(look, `uniques[${at}].columns`, unique.columns, partitionBy);
    });
  }
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
    },
  };
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

function parseKey(look: Inspector, path: string, value: Value): KeySpec | undefined {
  const given = look.object(path, value, ["name", "columns"]);
  if (!given) return undefined;
  const name = look.identifier(join(path, "name"), given["name"]);
  const columns = look.names(join(path, "columns"), given["columns"]);
  return { ...(name !== undefined && { name }), columns: columns ?? [] };
}

function parseCheck(look: Inspector, path: string, value: Value): CheckSpec | undefined {
  const given = look.object(path, value, ["name", "expression"]);
  const name = look.identifier(join(path, "name"), given?.["name"], given !== undefined);
  const what = "a boolean SQL expression over the row's columns";
  const expression = look.text(join(path, "expression"), given?.["expression"], what, given !== undefined);
  return name === undefined ? undefined : { name, expression: expression ?? "" };
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

function checkColumnsExist(
  look: Inspector,
  path: string,
  names: readonly string[] | undefined,
  known: readonly string[],
): void {
  for (const name of names ?? []) {
    if (known.includes(name)) continue;
    look.fault(path, `names "${name}", which is no column of the table; there are ${known.join(", ")}`);
  }
}

function checkNamesDiffer(
  look: Inspector,
  named: readonly { readonly path: string; readonly name: string | undefined }[],
): void {
  const seen = new Map<string, string>();
  for (const { path, name } of named) {
    if (name === undefined) continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, path);
    else look.fault(path, `"${name}" is the name of ${first.replace(/\.name$/, "")} already; choose another`);
  }
}

function checkKeyHolds(
  look: Inspector,
  path: string,
  key: readonly string[] | undefined,
  partitionBy: PartitionBySpec,
): void {
  if (!key || key.length === 0) return;
  const missing = partitionBy.columns.filter((column) => !key.includes(column));
  if (missing.length === 0) return;
  look.fault(
    path,
    `is (${key.join(", ")}), without ${missing.join(", ")} of the partition key; PostgreSQL can keep a key unique ` +
      `only within a partition, so add ${missing.join(", ")} to it`,
  );
}
