import type { z } from "zod";
import type { Session } from "../server/database.ts";
import type { Difference } from "../plan/difference.ts";
import type { TableSpec } from "../spec.ts";
import type { Plan } from "../plan/statement.ts";
import type { Parsed } from "../check/table-check.ts";
import type { Properties } from "../../host/values.ts";
import type { ServerWords } from "../plan/wanted-table.ts";

/** What the state holds of an object: what was wanted, and what the catalogue made of it. */
export interface Recorded<Spec, Live> {
  readonly spec: Spec;
  readonly catalog: Live;
}

/** What a comparison may ask of the database; most ask nothing. */
export interface Questions<Facts> {
  facts(): Promise<Facts | undefined>;
  /** How the server prints the texts of a table. */
  words(table: TableSpec): Promise<ServerWords>;
  read<T>(work: (session: Session) => Promise<T>): Promise<T>;
}

/** A live object without what nobody manages, and a sentence about each thing that was left out. */
export interface Managed<Live> {
  readonly live: Live;
  readonly extras: readonly string[];
}

/**
 * One type of resource: everything that the shared life-cycle has to know of it. Spec is what a program wants,
 * Live what the catalogue says, Facts what a plan needs to know of the objects around it.
 */
export interface Kind<Spec, Live, Facts> {
  /** `Table` */
  readonly type: string;
  /** `table` */
  readonly noun: string;
  /** `schema.table` */
  readonly idForm: string;
  /** What `catalog` looks like in the state. */
  readonly catalog: z.ZodType<Live>;
  parse(inputs: Properties): Parsed<Spec>;
  idOf(spec: Spec): readonly string[];
  read(session: Session, id: readonly string[]): Promise<Live | undefined>;
  facts(session: Session, spec: Spec): Promise<Facts | undefined>;
  /** The inputs of an object that is taken over. */
  adopt(live: Live): Spec;
  /** What of the live object no spec can say, in a few words; undefined when there is nothing. */
  beyondSpec(live: Live): string | undefined;
  manage(live: Live, specs: readonly Spec[]): Managed<Live>;
  /** The inputs that would make what is live now: those recorded, except where the catalogue has changed. */
  drift(recorded: Recorded<Spec, Live>, live: Live): Spec;
  /** Whether the live object is what an interrupted create of `spec` leaves behind. */
  isLeftover(live: Live, spec: Spec): boolean;
  /** @param facts undefined in a preview in which those objects are still to be made */
  planCreate(spec: Spec, facts: Facts | undefined, leftover: Live | undefined): Plan;
  difference(
    live: Live,
    recorded: Recorded<Spec, Live>,
    wanted: Spec,
    ask: Questions<Facts>,
  ): Promise<Difference>;
  planDrop(live: Live): Plan;
}
