/** What a program wants of the database: plain data, as written by the user. Nothing here connects anywhere. */

/** One column. The last four say how to get there; they matter in the update that makes the change, and in no other. */
export interface ColumnSpec {
  readonly name: string;
  /** A PostgreSQL type, in any spelling the server knows: `integer`, `decimal(10,2)`, `timestamp`; or `serial`, `bigserial`. */
  readonly type: string;
  /** Default false. A column of the primary key is always NOT NULL. */
  readonly notNull?: boolean;
  /** DEFAULT, as an SQL expression: `0`, `CURRENT_TIMESTAMP`, `'new'`. */
  readonly default?: string;
  /** GENERATED … AS IDENTITY, for an integer column. */
  readonly identity?: "always" | "by default";
  /** GENERATED ALWAYS AS (expression): over the row's other columns. */
  readonly generated?: string;
  /** Whether a generated column is computed when it is read (PostgreSQL 18) instead of stored. Default false. */
  readonly isVirtual?: boolean;
  /** COLLATE, by the collation's name: `C`, `en-x-icu`. Default: the type's own. */
  readonly collation?: string;
  /** COMMENT ON COLUMN. */
  readonly comment?: string;
  /** SET STATISTICS, 0 to 10000. Default: the server's default_statistics_target. */
  readonly statistics?: number;
  /** SET STORAGE. Default: the type's own. */
  readonly storage?: "plain" | "external" | "extended" | "main";
  /** The name that the column has now. */
  readonly renamedFrom?: string;
  /** What rows without a value get when the column turns NOT NULL: an SQL expression over the row. */
  readonly backfill?: string;
  /** How an old value becomes one of the new type, as an SQL expression; for types that no cast of the server's joins. */
  readonly using?: string;
  /** The time zone of the values without one, when a timestamp gains or loses its zone: `UTC`, `Europe/Berlin`. */
  readonly zone?: string;
}

/** PRIMARY KEY or UNIQUE. */
export interface KeySpec {
  /** Default: the name that PostgreSQL would give (`TABLE_pkey`, `TABLE_COLUMNS_key`). */
  readonly name?: string;
  readonly columns: readonly string[];
  /** The name that the constraint has now; needs `name`. */
  readonly renamedFrom?: string;
}

/** CHECK. */
export interface CheckSpec {
  readonly name: string;
  /** A boolean SQL expression over the row's columns. */
  readonly expression: string;
  /** The name that the constraint has now. */
  readonly renamedFrom?: string;
}

/** PARTITION BY. */
export interface PartitionBySpec {
  readonly strategy: "range" | "list" | "hash";
  readonly columns: readonly string[];
}

/** Where and how the rows of one table are stored. None of it can be said of a table that is partitioned itself. */
export interface StorageSpec {
  /** UNLOGGED: faster writes, empty after a crash, absent on replicas. Default false. */
  readonly unlogged?: boolean;
  /** Default: the database's. */
  readonly tablespace?: string;
  /** WITH (…): `{ fillfactor: "70" }`. */
  readonly storageParameters?: Readonly<Record<string, string>>;
}

/** Permissions for one update. Each names its exact target; one that names nothing is told. */
export interface OverrideSpec {
  /** What may be lost: `column:email`, `rows`, `partition:users_2019`. */
  readonly allowDataLoss?: readonly string[];
  /** What may be written anew although it is big: `column:price`, `table`. */
  readonly allowRewrite?: readonly string[];
}

/** What every object can be told about where it comes from. */
export interface OriginSpec {
  /** The name that the object has now, in the same schema. */
  readonly renamedFrom?: string;
  /** Whether create takes over an object of that name, bringing it to what is wanted as an update would. Default false. */
  readonly adopt?: boolean;
}

export interface TableSpec extends StorageSpec, OverrideSpec, OriginSpec {
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
  /**
   * Tables that dropped columns are copied to first, with the primary key, by column: `{ email: "users_email" }`.
   * In the table's schema; a column that is copied needs no `allowDataLoss`.
   */
  readonly archiveTo?: Readonly<Record<string, string>>;
  /** Whether columns and constraints that no program declares are dropped, under the same refusals. Default false. */
  readonly enforce?: boolean;
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

/** Removed, a partition is dropped when it is empty or `allowDataLoss` names `rows`; else it is detached and kept. */
export interface PartitionSpec extends StorageSpec, OverrideSpec, OriginSpec {
  readonly schema: string;
  readonly name: string;
  /** The partitioned table, in the same schema unless `parentSchema` says otherwise. */
  readonly parent: string;
  readonly parentSchema?: string;
  readonly owner?: string;
  readonly bound: BoundSpec;
  readonly partitionBy?: PartitionBySpec;
  readonly comment?: string;
  /** Whether rows of this bound that sit in the default partition are moved here when it is made. Default false. */
  readonly moveFromDefault?: boolean;
}

/** How much of the key one partition of a set takes: calendar units for dates and timestamps, a number for integers. */
export type SetInterval = "day" | "week" | "month" | "quarter" | "year" | number;

/**
 * The partitions of one table by range over one column, as a rolling window. Everything follows from these values
 * and the catalogue; no clock is read, so a preview today and one tomorrow say the same.
 */
export interface PartitionSetSpec extends Pick<OriginSpec, "adopt"> {
  readonly schema: string;
  /** The partitioned table; its partitions are made in the same schema. */
  readonly parent: string;
  /** Default: the parent's owner. */
  readonly owner?: string;
  readonly interval: SetInterval;
  /** Where the first partition begins, and where at least the last one ends: `{ from: "2020-01-01" }`. */
  readonly range: { readonly from: string; readonly to?: string };
  /** The date, or number, that counts as now: `2026-11-22`. */
  readonly asOf: string;
  /** How many partitions there are beyond the one that holds `asOf`. Default 4. */
  readonly premake?: number;
  /** How many whole intervals before the one that holds `asOf` are kept attached. Default: all. */
  readonly retention?: number;
  /**
   * How many days, of `asOf`, a detached partition is kept at least before it may be dropped; with a number as
   * interval, how many intervals. Default 7.
   */
  readonly detachGrace?: number;
  /** What stands in `parent_SUFFIX` before the suffix. Default: the parent's name. */
  readonly prefix?: string;
  /** Whether rows in the default partition are moved into the partitions that are made for them. Default false. */
  readonly moveFromDefault?: boolean;
  /** What to do about partitions that others made: say nothing, say it, or take over those of the wanted bounds. Default report. */
  readonly childPolicy?: "ignore" | "report" | "adopt";
  /** Partitions that may be dropped with their rows once they are detached: `partition:users_2019`. */
  readonly allowDataLoss?: readonly string[];
}

/** One key of an index that is more than a column. Either `name` or `expression`. */
export interface IndexKeySpec {
  readonly name?: string;
  /** An SQL expression over the row: `lower(email)`. */
  readonly expression?: string;
  /** Default asc. */
  readonly order?: "asc" | "desc";
  /** Default: last of an ascending key, first of a descending one. */
  readonly nulls?: "first" | "last";
  /** `text_pattern_ops`, `gin_trgm_ops`. Default: the type's own. */
  readonly operatorClass?: string;
  /** Default: the column's own. */
  readonly collation?: string;
}

export interface IndexSpec extends OriginSpec {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  /** Its keys in order: names of columns, or more about one. */
  readonly columns: readonly (string | IndexKeySpec)[];
  readonly unique?: boolean;
  /** Whether two nulls count as equal in a unique index. Default false. */
  readonly nullsNotDistinct?: boolean;
  /** Access method. Default btree. */
  readonly method?: "btree" | "hash" | "gin" | "gist" | "spgist" | "brin";
  /** INCLUDE: columns that are stored along. */
  readonly include?: readonly string[];
  /** WHERE: only these rows are indexed. */
  readonly where?: string;
  /** WITH (…): `{ fillfactor: "70" }`. */
  readonly storageParameters?: Readonly<Record<string, string>>;
  readonly comment?: string;
}

export type ReferentialAction = "no action" | "restrict" | "cascade" | "set null" | "set default";

export interface ForeignKeySpec extends OriginSpec {
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
  /** Whether it is looked at when the transaction ends; `initially immediate` only when SET CONSTRAINTS says so. Default: never. */
  readonly deferrable?: "initially immediate" | "initially deferred";
}

/** A schema. It is dropped only when nothing is in it. */
export interface SchemaSpec {
  readonly name: string;
  /** Default: the role that the provider connects as. */
  readonly owner?: string;
  readonly comment?: string;
  readonly renamedFrom?: string;
  readonly adopt?: boolean;
}
