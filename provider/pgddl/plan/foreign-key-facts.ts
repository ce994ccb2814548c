import type { ForeignKeyCatalog } from "../catalog.ts";
import type { ForeignKeySpec } from "../spec.ts";
import type { Size, TableName } from "./statement.ts";

/** What there is around a foreign key that a plan for it depends on. */
export interface ForeignKeyTables {
  readonly owner: string;
  /** Whether ADD CONSTRAINT … NOT VALID works: not on a partitioned table before PostgreSQL 18. */
  readonly canWaitToValidate: boolean;
  readonly isPartitioned: boolean;
  readonly isEmpty: boolean;
  /** Of the referencing table with all its partitions. */
  readonly size?: Size;
  /** What tells rows of the referencing table apart. */
  readonly primaryKey: readonly string[];
  /** The columns of each index that can serve a look-up, in order. */
  readonly indexes: readonly (readonly string[])[];
  /** Undefined in a preview in which the referenced table is still to be made. */
  readonly referenced?: { readonly isPartitioned: boolean; readonly keys: readonly ReferencedKey[] };
}

/** A primary key, or what is unique over plain columns and can be referenced. */
export interface ReferencedKey {
  readonly name: string;
  readonly columns: readonly string[];
}

/** What makes a foreign key the one that it is; anything else about it is changed in place. */
export interface ForeignKeyDefinition {
  readonly columns: readonly string[];
  readonly referencedSchema: string;
  readonly referencedTable: string;
  readonly referencedColumns: readonly string[];
  readonly onDelete: string;
  readonly onUpdate: string;
}

export function definitionWanted(spec: ForeignKeySpec): ForeignKeyDefinition {
  const { schema, columns, references, onDelete = "no action", onUpdate = "no action" } = spec;
  return {
    columns,
    referencedSchema: references.schema ?? schema,
    referencedTable: references.table,
    referencedColumns: references.columns,
    onDelete,
    onUpdate,
  };
}

/** The paths, in a spec, of what differs. */
export function differingPaths(
  a: ForeignKeyDefinition,
  b: ForeignKeyDefinition,
): readonly (readonly [path: string, from: string, to: string])[] {
  const show = (columns: readonly string[]): string => `(${columns.join(", ")})`;
  const pairs = [
    ["columns", show(a.columns), show(b.columns)],
    ["references.schema", a.referencedSchema, b.referencedSchema],
    ["references.table", a.referencedTable, b.referencedTable],
    ["references.columns", show(a.referencedColumns), show(b.referencedColumns)],
    ["onDelete", a.onDelete, b.onDelete],
    ["onUpdate", a.onUpdate, b.onUpdate],
  ] as const;
  return pairs.filter(([, from, to]) => from !== to);
}

export function referencedTable(spec: ForeignKeySpec): TableName {
  return { schema: spec.references.schema ?? spec.schema, name: spec.references.table };
}

export type Successor = NonNullable<ForeignKeyCatalog["successor"]>;
