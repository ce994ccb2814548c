import { isProperties, unknown, type Properties, type Value } from "../../host/values.ts";
import { canonicalType, integerBehind } from "../plan/type-name.ts";
import { columnOf } from "../column-spec.ts";
import type { ColumnSpec } from "../spec.ts";
import type { Inspector } from "./inspector.ts";

const properties = [
  ...["name", "type", "notNull", "default", "identity", "generated", "isVirtual", "collation", "comment"],
  ...["statistics", "storage", "renamedFrom", "backfill", "using", "zone"],
];
const identities = ["always", "by default"] as const;
const storages = ["plain", "external", "extended", "main"] as const;
const mostStatistics = 10_000;

/** The columns of a table, without those that have no readable name. */
export function parseColumns(look: Inspector, value: Value | undefined): readonly ColumnSpec[] {
  const items = look.list("columns", value, "a list of one column or more") ?? [];
  const columns = items.flatMap((item, at): { readonly at: number; readonly column: ColumnSpec }[] => {
    const column = parseColumn(look, `columns[${at}]`, item);
    return column ? [{ at, column }] : [];
  });
  const seen = new Map<string, number>();
  for (const { at, column } of columns) {
    const first = seen.get(column.name);
    if (first === undefined) seen.set(column.name, at);
    else {
      look.fault(
        `columns[${at}].name`,
        `"${column.name}" is columns[${first}] already; rename or remove one of them`,
      );
    }
  }
  const former = new Map<string, number>();
  for (const { at, column } of columns) {
    if (column.renamedFrom === undefined) continue;
    const path = `columns[${at}].renamedFrom`;
    const [other, same] = [seen.get(column.renamedFrom), former.get(column.renamedFrom)];
    if (other !== undefined) {
      look.fault(path, `"${column.renamedFrom}" is the name of columns[${other}]; it cannot be both`);
    } else if (same !== undefined) {
      look.fault(path, `"${column.renamedFrom}" is what columns[${same}] was called; it cannot be both`);
    } else former.set(column.renamedFrom, at);
  }
  return columns.map(({ column }) => column);
}

function parseColumn(look: Inspector, path: string, item: Value): ColumnSpec | undefined {
  const given = look.object(path, item, properties);
  if (!given) return undefined;
  const said = (key: string): string | undefined =>
    look.text(`${path}.${key}`, given[key], "an SQL expression, or leave it out");
  const name = look.identifier(`${path}.name`, given["name"], true);
  const what = "a PostgreSQL type such as integer, text, serial";
  const type = look.text(`${path}.type`, given["type"], what, true) ?? "";
  const notNull = look.flag(`${path}.notNull`, given["notNull"]);
  const expression = said("default");
  const identity = look.choice(`${path}.identity`, given["identity"], identities);
  const generated = said("generated");
  const isVirtual = look.flag(`${path}.isVirtual`, given["isVirtual"]);
  const collation = look.identifier(`${path}.collation`, given["collation"]);
  const comment = look.text(`${path}.comment`, given["comment"], "a text, or leave it out");
  const statistics = parseStatistics(look, `${path}.statistics`, given["statistics"]);
  const storage = look.choice(`${path}.storage`, given["storage"], storages);
  const renamedFrom = look.identifier(`${path}.renamedFrom`, given["renamedFrom"]);
  const [backfill, using] = [said("backfill"), said("using")];
  const zone = look.text(`${path}.zone`, given["zone"], "a time zone such as UTC or Europe/Berlin");
  const column = columnOf(name ?? "", type, {
    ...{
      notNull,
      default: expression,
      identity,
      generated,
      isVirtual,
      collation,
      comment,
      statistics,
      storage,
    },
    ...{ renamedFrom, backfill, using, zone },
  });
  checkTogether(look, path, column);
  return name === undefined ? undefined : column;
}

/** What cannot stand beside each other. */
function checkTogether(look: Inspector, path: string, column: ColumnSpec): void {
  const { type, default: expression, identity, generated, isVirtual } = column;
  const isSerial = integerBehind(canonicalType(type)) !== undefined;
  if (isSerial && expression !== undefined) {
    look.fault(
      `${path}.default`,
      `is "${expression}" beside type ${type}, which brings its own; leave the default out, or choose integer`,
    );
  }
  if (identity !== undefined) {
    if (isSerial) look.fault(`${path}.identity`, `stands beside type ${type}; choose integer or bigint`);
    if (expression !== undefined)
      look.fault(`${path}.identity`, "stands beside a default; a column has one of the two");
  }
  if (generated !== undefined) {
    const other = ["default", "identity", "backfill"] as const;
    for (const key of other.filter((each) => column[each] !== undefined)) {
      look.fault(`${path}.generated`, `stands beside ${key}; a generated column's values are computed only`);
    }
    if (isSerial) look.fault(`${path}.generated`, `stands beside type ${type}, which brings a default`);
  } else if (isVirtual === true) {
    look.fault(`${path}.isVirtual`, "is true without generated; give the expression, or leave it out");
  }
}

function parseStatistics(look: Inspector, path: string, value: Value | undefined): number | undefined {
  if (value === undefined || value === null) return undefined;
  const target = look.wholeNumber(path, value, 0);
  if (target !== undefined && target > mostStatistics) {
    look.fault(path, `is ${target}; PostgreSQL takes at most ${mostStatistics}`);
  }
  return target;
}

/** `{ email: "users_email" }`: tables to copy to by column. */
export function parseArchive(
  look: Inspector,
  value: Value | undefined,
): Readonly<Record<string, string>> | undefined {
  const given = readArchive(look, value);
  if (!given) return undefined;
  const tables = Object.entries(given).flatMap(([column, table]) => {
    const name = look.identifier(`archiveTo.${column}`, table, true);
    return name === undefined ? [] : [[column, name] as const];
  });
  return tables.length > 0 ? Object.fromEntries(tables) : undefined;
}

function readArchive(look: Inspector, value: Value | undefined): Properties | undefined {
  if (value === undefined || value === null || value === unknown) return undefined;
  if (isProperties(value)) return value;
  look.fault("archiveTo", 'is no object; give the name of a new table by column: { email: "users_email" }');
  return undefined;
}
