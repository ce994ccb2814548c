import type { z } from "zod";
import type { Properties } from "../../host/values.ts";
import type { Parsed } from "../check/parsed.ts";
import type { Difference } from "../plan/difference.ts";
import type { Answers, Question } from "../plan/question.ts";
import type { ServerWords } from "../plan/wanted-table.ts";
import type { Session } from "../server/database.ts";
import type { TableReference } from "./renamed-tables.ts";
import type { TableSpec } from "../spec.ts";

/** What the state holds of an object: what was wanted, and what the catalogue made of it. */
export interface Recorded<Spec, Live> {
  readonly spec: Spec;
  readonly catalog: Live;
}

/** What a plan may ask of the database. Nothing asks anything where nothing changes. */
export interface Questions {
  /** Whether other objects that the plan builds on may still change before it is carried out. */
  readonly isPreview?: boolean;
  /**
   * Each question by itself, with the rights of `role` (default: the connection's own), without row security.
   * What the server cannot answer has no entry in the answer.
   */
  answers(questions: readonly Question[], role?: string): Promise<Answers>;
  /** How the server prints the texts of a table. */
  words(table: TableSpec): Promise<ServerWords>;
  /** Catalogue queries. Undefined in a preview without a server. */
  read<T>(work: (session: Session) => Promise<T | undefined>): Promise<T | undefined>;
}

/** A live object without what nobody manages, and a sentence about each thing that was left out. */
export interface Managed<Live> {
  readonly live: Live;
  readonly extras: readonly string[];
}

/** What is to be done, without the paths of what differs: for an object that is made or goes. */
export type Planned = Pick<Difference, "plan" | "refusals" | "warnings">;

/**
 * One type of resource: everything that the shared life-cycle has to know of it. Spec is what a program wants,
 * Live what the catalogue says.
 */
export interface Kind<Spec, Live> {
  /** `Table` */
  readonly type: string;
  /** `table` */
  readonly noun: string;
  /** `schema.table` */
  readonly idForm: string;
  /** Whether another object of the same name is as good: it holds no rows, and an update may have put it there. */
  readonly isReplaceable?: true;
  /** What `catalog` looks like in the state. */
  readonly catalog: z.ZodType<Live>;
  parse(inputs: Properties): Parsed<Spec>;
  idOf(spec: Spec): readonly string[];
  /** The id by the name that the spec says the object has now; undefined when it is not renamed. */
  formerIdOf(spec: Spec): readonly string[] | undefined;
  /** Where the object is now, which after a rename is not where the state's id says. */
  idOfLive(live: Live): readonly string[];
  oidOf(live: Live): string;
  /** @param oid found by it when nothing has the name: somebody renamed it */
  read(session: Session, id: readonly string[], oid?: string): Promise<Live | undefined>;
  /**
   * Many objects by one query, for a refresh that reads each of them: the group that `live` belongs to, and all of
   * a group by their formatted ids. A reader that finds nothing in the group reads by itself.
   */
  readonly group?: {
    of(live: Live): string | undefined;
    read(session: Session, live: Live): Promise<ReadonlyMap<string, Live>>;
  };
  /** The tables that the object names by a text. */
  readonly tables?: readonly TableReference<Spec, Live>[];
  /** The inputs of an object that is taken over. */
  adopt(live: Live): Spec;
  /** What of the live object no spec can say, in a few words; undefined when there is nothing. */
  beyondSpec(live: Live): string | undefined;
  /** @param before what the state knew of the object; undefined before the first create, and in an import */
  manage(live: Live, specs: readonly Spec[], before?: Live): Managed<Live>;
  /** The inputs that would make what is live now: those recorded, except where the catalogue has changed. */
  drift(recorded: Recorded<Spec, Live>, live: Live): Spec;
  /** Whether the live object is what an interrupted create of `spec` leaves behind. */
  isLeftover(live: Live, spec: Spec): boolean;
  /** In a preview, what `spec` builds on may not be there yet. */
  planCreate(spec: Spec, ask: Questions, leftover: Live | undefined): Promise<Planned>;
  difference(live: Live, recorded: Recorded<Spec, Live>, wanted: Spec, ask: Questions): Promise<Difference>;
  /**
   * @param spec the last wanted one, with its permissions; undefined when the state's cannot be read
   * @param before what the state knows of the object
   */
  planDrop(live: Live, spec: Spec | undefined, ask: Questions, before?: Live): Promise<Planned>;
}
