import type { BoundCatalog, PartitionByCatalog } from "../catalog.ts";
import type { KeyColumn } from "./bound-values.ts";
import type { TableName } from "./statement.ts";

/** A partition of the same parent. */
export interface Sibling extends TableName {
  readonly bound: BoundCatalog;
  /** A concurrent detach was cut off. */
  readonly isDetachPending: boolean;
}

/** A foreign key of another table (or of the parent itself) that points at the parent. */
export interface Referencing extends TableName {
  readonly constraint: string;
  readonly columns: readonly string[];
  /** The parent's. */
  readonly referencedColumns: readonly string[];
}

/** What there is of the parent, and around it, that a plan depends on. */
export interface ParentFacts extends TableName {
  readonly owner: string;
  readonly strategy: PartitionByCatalog["strategy"];
  readonly key: readonly KeyColumn[];
  /** Those that an INSERT can name: all but the generated ones. */
  readonly columns: readonly string[];
  /** What tells rows apart; empty without a primary key. */
  readonly primaryKey: readonly string[];
  /** All of them, the default partition too. */
  readonly siblings: readonly Sibling[];
  /** Tables that foreign keys of the parent point at. */
  readonly references: readonly TableName[];
  readonly referencedBy: readonly Referencing[];
}

/** What there is of a table that is a partition or is to become one. */
export interface MemberFacts {
  readonly isPartitioned: boolean;
  /** Tables that foreign keys of its own point at. Attached, those keys become part of the parent's. */
  readonly references: readonly TableName[];
  /** Whether what is left of an earlier try is there: the CHECK that an attach relies on. */
  readonly hasCheck: boolean;
  /** Whether it has fewer indexes than the parent, so that an attach builds what is missing. */
  readonly lacksIndexes?: boolean;
  /** Columns and checks that differ from the parent's, a few words each: nothing that could be attached. */
  readonly misfits: readonly string[];
}

/** For a table that was just made like its parent. */
export const newMember: MemberFacts = {
  isPartitioned: false,
  references: [],
  hasCheck: false,
  misfits: [],
};

export function defaultOf(parent: Pick<ParentFacts, "siblings">): Sibling | undefined {
  return parent.siblings.find(({ bound }) => "isDefault" in bound);
}
