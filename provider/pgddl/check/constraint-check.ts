import type { Value } from "../../host/values.ts";
import type { CheckSpec, KeySpec, PartitionBySpec } from "../spec.ts";
import { join, type Inspector } from "./inspector.ts";

export function parseKey(look: Inspector, path: string, value: Value): KeySpec | undefined {
  const given = look.object(path, value, ["name", "columns", "renamedFrom"]);
  if (!given) return undefined;
  const name = look.identifier(join(path, "name"), given["name"]);
  const columns = look.names(join(path, "columns"), given["columns"]);
  const renamedFrom = parseFormerName(look, path, given["renamedFrom"], name);
  if (renamedFrom !== undefined && name === undefined && given["name"] === undefined) {
    look.fault(join(path, "renamedFrom"), "stands without name; give the name that it is to have");
  }
  return {
    ...(name !== undefined && { name }),
    columns: columns ?? [],
    ...(renamedFrom !== undefined && { renamedFrom }),
  };
}

export function parseCheck(look: Inspector, path: string, value: Value): CheckSpec | undefined {
  const given = look.object(path, value, ["name", "expression", "renamedFrom"]);
  const name = look.identifier(join(path, "name"), given?.["name"], given !== undefined);
  const what = "a boolean SQL expression over the row's columns";
  const expression = look.text(join(path, "expression"), given?.["expression"], what, given !== undefined);
  const renamedFrom = parseFormerName(look, path, given?.["renamedFrom"], name);
  if (name === undefined) return undefined;
  return { name, expression: expression ?? "", ...(renamedFrom !== undefined && { renamedFrom }) };
}

/** What an object is called now; never what it is to be called. */
export function parseFormerName(
  look: Inspector,
  path: string,
  value: Value | undefined,
  name: string | undefined,
): string | undefined {
  const at = join(path, "renamedFrom");
  const renamedFrom = look.identifier(at, value);
  if (renamedFrom === undefined || renamedFrom !== name) return renamedFrom;
  look.fault(at, `is "${renamedFrom}", the name itself; give the name that it has now, or leave it out`);
  return undefined;
}

/** A name with the path that it stands at. */
export interface PlacedName {
  readonly path: string;
  readonly name: string | undefined;
}

/** Faults for names that stand twice. */
export function checkNamesDiffer(look: Inspector, named: readonly PlacedName[]): void {
  const seen = new Map<string, string>();
  for (const { path, name } of named) {
    if (name === undefined) continue;
    const first = seen.get(name);
    if (first === undefined) seen.set(name, path);
    else {
      const other = first.replace(/\.(name|renamedFrom)$/, "");
      look.fault(path, `"${name}" is the name of ${other} already; choose another`);
    }
  }
}

export function checkColumnsExist(
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

/** Of two keys over the same columns PostgreSQL makes only the first, whatever their names, when it makes a table. */
export function checkUniquesDiffer(
  look: Inspector,
  primaryKey: KeySpec | undefined,
  uniques: readonly KeySpec[],
): void {
  const inPrimaryKey = primaryKey && JSON.stringify(primaryKey.columns);
  const said = uniques.map(({ columns }) => JSON.stringify(columns));
  said.forEach((columns, at) => {
    if (columns === "[]") return;
    const first = said.indexOf(columns);
    const other = columns === inPrimaryKey ? "primaryKey" : first < at ? `uniques[${first}]` : undefined;
    if (other === undefined) return;
    look.fault(
      `uniques[${at}].columns`,
      `are those of ${other} already, which keeps them unique; remove one of them`,
    );
  });
}

export function checkKeyHolds(
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
