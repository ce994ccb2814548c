import type { Properties } from "../../host/values.ts";

/** One object of a database, as the resource that it becomes. */
export interface Adoptable {
  /** `Table` */
  readonly type: string;
  /** `table` */
  readonly noun: string;
  /** What it is imported by: `shop.users`. */
  readonly id: string;
  readonly parts: readonly string[];
  /** The inputs that say what the catalogue says. */
  readonly inputs: Properties;
  /** What no property can say of it, in a few words. */
  readonly beyond?: string;
  /** The SQL that would end what somebody left half done: a constraint that is NOT VALID, an invalid index. */
  readonly pending?: readonly string[];
  /** Why it can be no resource; empty when it can. */
  readonly refusals: readonly string[];
}

/** What a database has, in the order in which a program names it. */
export interface Adoption {
  readonly objects: readonly Adoptable[];
  /** What pgddl has no resource for: `view shop.v`. */
  readonly others: readonly string[];
}
