import type { PartitionCatalog } from "../catalog.ts";
import type { MemberFacts, ParentFacts } from "./partition-facts.ts";

/** A table that a plan is to attach, detach or drop. */
export interface SetTable {
  readonly live: PartitionCatalog;
  readonly member: MemberFacts;
}

/** What the plan of a change depends on beyond the set itself. */
export interface SetFacts {
  readonly parent: ParentFacts;
  /** By name, those of the tables asked for that are there. */
  readonly tables: ReadonlyMap<string, SetTable>;
  /** Names asked for that something other than a table has. */
  readonly taken: readonly string[];
}
