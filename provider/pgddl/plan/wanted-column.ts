import type { ColumnCatalog, TableCatalog } from "../catalog.ts";
import type { ColumnSpec, TableSpec } from "../spec.ts";
import { isSteady } from "./default-expression.ts";
import { canonicalType, integerBehind, isBuiltIn } from "./type-name.ts";

export interface WantedColumn extends Omit<ColumnSpec, "notNull" | "default" | "generated" | "collation"> {
  readonly notNull: boolean;
  readonly default?: string | undefined;
  readonly generated?: string | undefined;
  /** Undefined: the type's own. */
  readonly collation?: string | undefined;
  readonly isDomain?: boolean | undefined;
  /** Whether ADD COLUMN writes every row anew, where the server has been asked. */
  readonly rewritesWhenAdded?: boolean | undefined;
}

/** A column in the server's words. */
export interface ToldColumn extends ColumnCatalog {
  readonly rewritesWhenAdded?: boolean;
}

interface Recorded {
  readonly spec: TableSpec;
  readonly catalog: TableCatalog;
}

/**
 * Says a column in the catalogue's words: a text that is recorded is what the catalogue made of it then; else the
 * server's words; else pure synonyms.
 * @param isInKey whether it is of the primary key, and so never null
 */
export function wantColumn(
  column: ColumnSpec,
  recorded: Recorded | undefined,
  told: ToldColumn | undefined,
  isInKey: boolean,
): WantedColumn {
  const before = former(recorded?.spec.columns, column);
  const then = before && recorded?.catalog.columns.find((each) => each.name === before.name);
  const plain = canonicalType(column.type);
  // The server is asked with the integer behind a serial, since a sequence is not to be made.
  const toldType = integerBehind(plain) === undefined ? told?.type : plain;
  const isTypeRecorded = then !== undefined && before?.type === column.type;
  const type = isTypeRecorded ? then.type : (toldType ?? plain);
  // The type is part of what an expression of it is printed as.
  const words = (key: "default" | "generated"): string | undefined =>
    isTypeRecorded && before[key] === column[key] ? then[key] : (told?.[key] ?? column[key]?.trim());
  const expression = (key: "default" | "generated"): string | undefined =>
    column[key] === undefined ? undefined : words(key);
  const isDomain = (told ?? then)?.isDomain === true;
  const isNumbered = integerBehind(type) !== undefined || column.identity !== undefined;
  return {
    ...column,
    type,
    notNull: column.notNull === true || isNumbered || isInKey,
    default: expression("default"),
    generated: expression("generated"),
    collation: told ? told.collation : column.collation === "default" ? undefined : column.collation,
    ...(isDomain && { isDomain }),
    ...(told?.rewritesWhenAdded !== undefined && { rewritesWhenAdded: told.rewritesWhenAdded }),
  };
}

/** Whether only the server can tell if the column is as wanted, or what adding it costs. */
export function isColumnUnsure(
  wanted: WantedColumn,
  now: ColumnSpec,
  live: TableCatalog,
  recorded: Recorded | undefined,
): boolean {
  const there = former(live.columns, now);
  if (!there) {
    return !isBuiltIn(wanted.type) || wanted.default !== undefined || wanted.generated !== undefined;
  }
  const before = former(recorded?.spec.columns, now);
  const isTypeSame = wanted.type === there.type || before?.type === now.type;
  // Two different built-in types are different without asking anybody.
  const isTypeKnown = isTypeSame || (isBuiltIn(wanted.type) && isBuiltIn(there.type));
  const isKnown = (key: "default" | "generated"): boolean =>
    wanted[key] === undefined ||
    there[key] === undefined ||
    (isTypeSame && (wanted[key] === there[key] || before?.[key] === now[key]));
  return !isTypeKnown || !isKnown("default") || !isKnown("generated");
}

/** Whether adding the column has to be tried to know what it costs. */
export function isCostUnsure({ type, default: expression, identity, generated }: ColumnSpec): boolean {
  const canonical = canonicalType(type);
  if (identity !== undefined || generated !== undefined || integerBehind(canonical) !== undefined)
    return false;
  return !isBuiltIn(canonical) || (expression !== undefined && !isSteady(expression));
}

/** The one of that name, or of the name before. */
function former<T extends { readonly name: string }>(
  list: readonly T[] | undefined,
  { name, renamedFrom }: ColumnSpec,
): T | undefined {
  return list?.find((each) => each.name === name) ?? list?.find((each) => each.name === renamedFrom);
}
