import type { TableCatalog } from "../catalog.ts";
import type { CheckSpec, ColumnSpec, KeySpec, TableSpec } from "../spec.ts";
import { canonicalType, integerBehind, isBuiltIn } from "./type-name.ts";

export interface WantedColumn extends Omit<ColumnSpec, "notNull" | "default"> {
  readonly notNull: boolean;
  readonly default?: string | undefined;
  readonly isDomain?: boolean | undefined;
}

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
export type ServerWords = Pick<TableCatalog, "columns" | "checks">;

/**
 * Says `spec` in the catalogue's words: a text that stands in `recorded` too is what the catalogue made of it
 * then; else the server's words, where they are given; else pure synonyms.
 */
export function wantTable(spec: TableSpec, recorded?: RecordedTable, server?: ServerWords): WantedTable {
  const inKey = new Set(spec.primaryKey?.columns);
  return {
    ...spec,
    columns: spec.columns.map((column) => {
      const words = columnWords(column, recorded, server);
      const isSerial = integerBehind(words.type) !== undefined;
      const { default: _said, ...rest } = column;
      return { ...rest, ...words, notNull: column.notNull === true || isSerial || inKey.has(column.name) };
    }),
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
  const isColumnUnsure = wanted.columns.some((column) => {
    const there = named(live.columns, column.name);
    const before = named(recorded?.spec.columns, column.name);
    const now = named(spec.columns, column.name);
    if (!there) return !isBuiltIn(column.type) || column.default !== undefined;
    const isTypeKnown =
      column.type === there.type || before?.type === now?.type || isPlainType(column.type, there.type);
    const isDefaultKnown = column.default === there.default || before?.default === now?.default;
    return !isTypeKnown || (!isDefaultKnown && column.default !== undefined && there.default !== undefined);
  });
  const isCheckUnsure = wanted.checks.some((check) => {
    return formerOrSelf(live.checks, check)?.expression !== check.expression;
  });
  return isColumnUnsure || isCheckUnsure;
}

function columnWords(
  column: ColumnSpec,
  recorded: RecordedTable | undefined,
  server: ServerWords | undefined,
): Pick<WantedColumn, "name" | "type" | "default" | "isDomain"> {
  const before = named(recorded?.spec.columns, column.name);
  const then = named(recorded?.catalog.columns, column.name);
  const told = named(server?.columns, column.name);
  const plain = canonicalType(column.type);
  // The server is asked with the integer behind a serial, since a sequence is not to be made.
  const toldType = integerBehind(plain) === undefined ? told?.type : plain;
  const type = before && then && before.type === column.type ? then.type : (toldType ?? plain);
  const isDefaultRecorded = before && then && before.default === column.default;
  const expression = isDefaultRecorded ? then.default : (told?.default ?? column.default?.trim());
  return {
    name: column.name,
    type,
    ...(expression !== undefined && column.default !== undefined && { default: expression }),
    ...((told ?? then)?.isDomain === true && { isDomain: true }),
  };
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

/** Two different built-in types are different without asking anybody. */
function isPlainType(a: string, b: string): boolean {
  return isBuiltIn(a) && isBuiltIn(b);
}

function named<T extends { readonly name: string }>(
  list: readonly T[] | undefined,
  name: string,
): T | undefined {
  return list?.find((each) => each.name === name);
}
