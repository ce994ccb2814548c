import type { ColumnCatalog, TableCatalog } from "../catalog.ts";
import { columnOf } from "../column-spec.ts";
import { notNullHelperName } from "../plan/made-up-name.ts";
import { integerBehind } from "../plan/type-name.ts";
import type { ColumnSpec, TableSpec } from "../spec.ts";

/** The inputs that say the same as the catalogue does of a column. @param isInKey so that NOT NULL is a matter of course */
export function adoptColumn(live: ColumnCatalog, isInKey: boolean): ColumnSpec {
  const { name, type, notNull, identity, generated, isVirtual, collation, comment, statistics, storage } =
    live;
  const isNumbered = identity !== undefined || integerBehind(type) !== undefined;
  return {
    name,
    type,
    ...(notNull && !isInKey && !isNumbered && { notNull }),
    ...(live.default !== undefined && { default: live.default }),
    ...(identity && { identity }),
    ...(generated !== undefined && { generated }),
    ...(isVirtual === true && { isVirtual }),
    ...(collation !== undefined && { collation }),
    ...(comment !== undefined && { comment }),
    ...(statistics !== undefined && { statistics }),
    ...(storage && { storage }),
  };
}

/**
 * The columns that `specs` say something about, each without those of comment, statistics and storage that no spec
 * mentions; and a few words about each other column.
 */
export function manageColumns(
  live: TableCatalog,
  specs: readonly TableSpec[],
): { readonly columns: ColumnCatalog[]; readonly extras: readonly string[] } {
  const said = specs.flatMap((spec) => spec.columns);
  const enforces = specs.at(-1)?.enforce === true;
  const isThere = (name: string): boolean => live.columns.some((column) => column.name === name);
  // Once it is renamed, a column of the old name is somebody else's.
  const isOf = (each: ColumnSpec, { name }: ColumnCatalog): boolean =>
    each.name === name || (each.renamedFrom === name && !isThere(each.name));
  const isKnown = (column: ColumnCatalog): boolean => enforces || said.some((each) => isOf(each, column));
  return {
    columns: live.columns.filter(isKnown).map((column) => {
      const mine = said.filter((each) => isOf(each, column));
      const { comment, statistics, storage, ...rest } = column;
      const isSaid = (key: "comment" | "statistics" | "storage"): boolean =>
        mine.some((each) => each[key] !== undefined);
      return {
        ...rest,
        ...(comment !== undefined && isSaid("comment") && { comment }),
        ...(statistics !== undefined && isSaid("statistics") && { statistics }),
        ...(storage && isSaid("storage") && { storage }),
      };
    }),
    extras: live.columns
      .filter((column) => !isKnown(column))
      .map((column) => `column ${column.name} ${column.type}`),
  };
}

/** The names of the checks that an interrupted SET NOT NULL leaves behind. */
export function columnHelperNames({ columns }: Pick<TableCatalog, "columns">): ReadonlySet<string> {
  return new Set(columns.map(({ name }) => notNullHelperName(name)));
}

/** The columns that would make what is live now: those recorded, except where the catalogue has changed. */
export function driftOfColumns(spec: TableSpec, catalog: TableCatalog, live: TableCatalog): ColumnSpec[] {
  const inKey = live.primaryKey?.columns ?? [];
  const known = spec.columns.flatMap((column) => driftOfColumn(column, catalog, live));
  const extra = live.columns.filter(({ name }) => !spec.columns.some((column) => column.name === name));
  return [...known, ...extra.map((column) => adoptColumn(column, inKey.includes(column.name)))];
}

function driftOfColumn(column: ColumnSpec, catalog: TableCatalog, live: TableCatalog): ColumnSpec[] {
  const there = live.columns.find((each) => each.name === column.name);
  const before = catalog.columns.find((each) => each.name === column.name);
  if (!there) return [];
  if (!before) return [column];
  const now = <K extends keyof ColumnCatalog & keyof ColumnSpec>(key: K): ColumnSpec[K] | ColumnCatalog[K] =>
    there[key] === before[key] ? column[key] : there[key];
  const { name, renamedFrom, backfill, using, zone } = column;
  return [
    columnOf(name, there.type === before.type ? column.type : there.type, {
      ...{ notNull: now("notNull"), default: now("default"), identity: now("identity") },
      ...{ generated: now("generated"), isVirtual: now("isVirtual"), collation: now("collation") },
      ...{ comment: now("comment"), statistics: now("statistics"), storage: now("storage") },
      ...{ renamedFrom, backfill, using, zone },
    }),
  ];
}
