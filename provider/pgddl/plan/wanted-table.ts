import type { TableCatalog } from "../catalog.ts";
import type { CheckSpec, KeySpec, TableSpec } from "../spec.ts";
import { isColumnUnsure, wantColumn, type ToldColumn, type WantedColumn } from "./wanted-column.ts";

/** A table as it is wanted, as far as can be said in the catalogue's words. An absent owner is nobody's concern. */
export interface WantedTable extends Omit<TableSpec, "columns" | "uniques" | "checks"> {
  readonly columns: readonly WantedColumn[];
  readonly uniques: readonly KeySpec[];
  readonly checks: readonly CheckSpec[];
}

/** What the state holds: the inputs, and what the catalogue made of them. */
export interface RecordedTable {
  readonly spec: TableSpec;
  readonly catalog: TableCatalog;
}

/** The server's words for texts of a spec that is not recorded: types by column, defaults by column, checks by name. */
export interface ServerWords extends Pick<TableCatalog, "checks"> {
  readonly columns: readonly ToldColumn[];
}

/**
 * Says `spec` in the catalogue's words: a text that stands in `recorded` too is what the catalogue made of it
 * then; else the server's words, where they are given; else pure synonyms.
 */
export function wantTable(spec: TableSpec, recorded?: RecordedTable, server?: ServerWords): WantedTable {
  const inKey = new Set(spec.primaryKey?.columns);
  return {
    ...spec,
    columns: spec.columns.map((column) =>
      wantColumn(column, recorded, named(server?.columns, column.name), inKey.has(column.name)),
    ),
    uniques: spec.uniques ?? [],
    checks: (spec.checks ?? []).map((check) => ({
      ...check,
      expression:
        checkWords(check, recorded) ?? named(server?.checks, check.name)?.expression ?? check.expression,
    })),
  };
}

/** Whether the server has to be asked: for its words, or whether it takes an expression that is new. */
export function needsServer(spec: TableSpec, live: TableCatalog, recorded?: RecordedTable): boolean {
  const wanted = wantTable(spec, recorded);
  const isAnyColumnUnsure = spec.columns.some((column, at) => {
    const said = wanted.columns[at];
    return said !== undefined && isColumnUnsure(said, column, live, recorded);
  });
  const isCheckUnsure = wanted.checks.some((check) => {
    return formerOrSelf(live.checks, check)?.expression !== check.expression;
  });
  return isAnyColumnUnsure || isCheckUnsure;
}

function checkWords(check: CheckSpec, recorded: RecordedTable | undefined): string | undefined {
  const before = formerOrSelf(recorded?.spec.checks, check);
  return before?.expression === check.expression
    ? named(recorded?.catalog.checks, before.name)?.expression
    : undefined;
}

/** The one of that name, or of the name before. */
export function formerOrSelf<T extends { readonly name: string }>(
  list: readonly T[] | undefined,
  { name, renamedFrom }: { readonly name?: string | undefined; readonly renamedFrom?: string | undefined },
): T | undefined {
  const self = name === undefined ? undefined : named(list, name);
  return self ?? (renamedFrom === undefined ? undefined : named(list, renamedFrom));
}

function named<T extends { readonly name: string }>(
  list: readonly T[] | undefined,
  name: string,
): T | undefined {
  return list?.find((each) => each.name === name);
}
