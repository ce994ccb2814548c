/** What a program wants of the database: plain data, as written by the user. Nothing here connects anywhere. */

/** One column. */
export interface ColumnSpec {
  readonly name: string;
  /** A PostgreSQL type, in any spelling the server knows: `integer`, `decimal(10,2)`, `timestamp`; or `serial`, `bigserial`. */
  readonly type: string;
  /** Default false. A column of the primary key is always NOT NULL. */
  readonly notNull?: boolean;
  /** DEFAULT, as an SQL expression: `0`, `CURRENT_TIMESTAMP`, `'new'`. */
  readonly default?: string;
}

/** PRIMARY KEY or UNIQUE. */
export interface KeySpec {
  /** Default: the name that PostgreSQL would give (`TABLE_pkey`, `TABLE_COLUMNS_key`). */
  readonly name?: string;
  readonly columns: readonly string[];
}

/** CHECK. */
export interface CheckSpec {
  readonly name: string;
  /** A boolean SQL expression over the row's columns. */
  readonly expression: string;
}

/** PARTITION BY. */
export interface PartitionBySpec {
  readonly strategy: "range" | "list" | "hash";
  readonly columns: readonly string[];
}

export interface TableSpec {
  readonly schema: string;
  readonly name: string;
  /** The role that owns the table. Default: the role that the provider connects as. */
  readonly owner?: string;
  readonly columns: readonly ColumnSpec[];
  readonly primaryKey?: KeySpec;
  readonly uniques?: readonly KeySpec[];
  readonly checks?: readonly CheckSpec[];
  readonly partitionBy?: PartitionBySpec;
  readonly comment?: string;
}

/**
 * FOR VALUES. Bounds are texts in the key's own type (`2024-01-01`), or MINVALUE and MAXVALUE; `from` is
 * inclusive, `to` exclusive, one text a key column.
 */
export type BoundSpec =
  | { readonly from: readonly string[]; readonly to: readonly string[] }
  | { readonly in: readonly string[] }
  | { readonly modulus: number; readonly remainder: number }
  | { readonly isDefault: true };

export interface PartitionSpec {
  readonly schema: string;
  readonly name: string;
  /** The partitioned table, in the same schema unless `parentSchema` says otherwise. */
  readonly parent: string;
  readonly parentSchema?: string;
  readonly owner?: string;
  readonly bound: BoundSpec;
  readonly partitionBy?: PartitionBySpec;
}

export interface IndexSpec {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly unique?: boolean;
  /** Access method. Default btree. */
  readonly method?: "btree" | "hash" | "gin" | "gist" | "brin";
}

export type ReferentialAction = "no action" | "restrict" | "cascade" | "set null" | "set default";

export interface ForeignKeySpec {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly references: {
    /** Default: the referencing table's schema. */
    readonly schema?: string;
    readonly table: string;
    readonly columns: readonly string[];
  };
  /** Default: no action. */
  readonly onDelete?: ReferentialAction;
  readonly onUpdate?: ReferentialAction;
}
