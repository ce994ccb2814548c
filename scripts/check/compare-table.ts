import { commerceIndexes, type CommerceTable } from "../../lib/commerce-model.ts";
import type { ColumnSpec } from "../../provider/pgddl/spec.ts";
import type { LiveTable } from "../catalogue/live-table.ts";

/** Each difference between a table of the data model and the one that the server has, as a line. */
export function compareTable(expected: CommerceTable, live: LiveTable | undefined): string[] {
  if (!live) return [`${expected.name} does not exist`];
  return [
    ...compareColumns(expected, live),
    ...compareKeys(expected, live),
    ...comparePartitioning(expected, live),
    ...compareChecks(expected, live),
    ...compareForeignKeys(expected, live),
    ...compareIndexes(expected, live),
  ];
}

function compareColumns(expected: CommerceTable, live: LiveTable): string[] {
  const faults: string[] = [];
  for (const column of expected.columns) {
    const found = live.columns.find(({ name }) => name === column.name);
    const path = `${expected.name}.${column.name}`;
    if (!found) {
      faults.push(`${path} does not exist`);
      continue;
    }
    const type = serverType(column.type);
    if (found.type !== type) faults.push(`${path} is ${found.type}, not ${type}`);
    const notNull = column.notNull ?? false;
    if (found.notNull !== notNull) {
      faults.push(
        `${path} is ${found.notNull ? "NOT NULL" : "nullable"}, not ${notNull ? "NOT NULL" : "nullable"}`,
      );
    }
    if (!hasDefault(column, found.default)) {
      const wanted = column.type === "serial" ? "its sequence" : (column.default ?? "none");
      faults.push(`${path} has the default ${found.default ?? "none"}, not ${wanted}`);
    }
  }
  for (const { name } of live.columns) {
    if (!expected.columns.some((column) => column.name === name)) {
      faults.push(`${expected.name}.${name} is not in the data model`);
    }
  }
  return faults;
}

function compareKeys({ name, primaryKey }: CommerceTable, live: LiveTable): string[] {
  if (sameList(live.primaryKey, primaryKey)) return [];
  return [`${name} has the primary key (${live.primaryKey.join(", ")}), not (${primaryKey.join(", ")})`];
}

function comparePartitioning({ name, partitionBy }: CommerceTable, live: LiveTable): string[] {
  const wanted = partitionBy
    ? `${partitionBy.strategy.toUpperCase()} (${partitionBy.columns.join(", ")})`
    : null;
  if (live.partitionKey === wanted) return [];
  return [`${name} is partitioned by ${live.partitionKey ?? "nothing"}, not ${wanted ?? "by anything"}`];
}

function compareChecks({ name, checks = [] }: CommerceTable, live: LiveTable): string[] {
  return checks.flatMap((check) => {
    const found = live.checks.find((candidate) => candidate.name === check.name);
    if (!found) return [`${name} lacks the check ${check.name}`];
    if (bare(found.definition) === bare(`CHECK (${check.expression})`)) return [];
    return [`${name}: ${check.name} is ${found.definition}, not CHECK (${check.expression})`];
  });
}

function compareForeignKeys({ name, foreignKeys }: CommerceTable, live: LiveTable): string[] {
  return foreignKeys.flatMap((key) => {
    const text = `the foreign key (${key.columns.join(", ")}) to ${key.table}`;
    const found = live.foreignKeys.find(
      (candidate) =>
        candidate.table === key.table &&
        sameList(candidate.columns, key.columns) &&
        sameList(candidate.referenced, key.referenced),
    );
    if (!found) return [`${name} lacks ${text}`];
    const indexed = live.indexes.some((columns) =>
      sameList(columns.slice(0, key.columns.length), key.columns),
    );
    return indexed ? [] : [`${name} has no valid index for ${text}`];
  });
}

/** By the columns: the name of an index changes nothing. */
function compareIndexes({ name }: CommerceTable, live: LiveTable): string[] {
  return commerceIndexes
    .filter(({ table }) => table === name)
    .map(({ columns, include = [] }) => [...columns, ...include])
    .filter((wanted) => !live.indexes.some((found) => sameList(found, wanted)))
    .map((wanted) => `${name} has no valid index on (${wanted.join(", ")}), which a query needs`);
}

function serverType(type: string): string {
  if (type === "serial") return "integer";
  return type === "timestamp" ? "timestamp without time zone" : type;
}

function hasDefault(column: ColumnSpec, found: string | null): boolean {
  if (column.type === "serial") return /^nextval\('.+'::regclass\)$/.test(found ?? "");
  return found === (column.default ?? null);
}

/** Without the parentheses and spaces that the server adds. */
function bare(expression: string): string {
  return expression.replace(/[()\s]/g, "").toLowerCase();
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value, index) => value === b[index]);
}
