import type { Size, TableName } from "./statement.ts";

/** What there is of the table that a plan for an index of it depends on. */
export interface IndexedTable {
  readonly owner: string;
  readonly isPartitioned: boolean;
  /** Looked at outside any lock, so only a guess at how long the build takes. */
  readonly isEmpty: boolean;
  /** Of the table without its partitions. */
  readonly size?: Size;
  /** Empty for a table that is not partitioned; null in it: an expression. */
  readonly partitionKey: readonly (string | null)[];
  readonly below: readonly PartBelow[];
  /** Indexes of the names that the build gives, of the table or of what is below it. */
  readonly leftovers: readonly Leftover[];
}

/** A partition, at any depth. Parents stand before children. */
export interface PartBelow extends TableName {
  readonly parentSchema: string;
  readonly parent: string;
  readonly isPartitioned: boolean;
  readonly size?: Size;
  readonly partitionKey: readonly (string | null)[];
  /** The index of it that is attached, by way of its parents', to the index in question already. */
  readonly attached?: { readonly name: string; readonly isValid: boolean } | undefined;
}

/** An index that a cut-off build has left, or that has the name of what a build makes. */
export interface Leftover extends TableName {
  readonly isValid: boolean;
  readonly isPartitioned: boolean;
  readonly isAttached: boolean;
  /** Of the same schema. */
  readonly table: string;
}
