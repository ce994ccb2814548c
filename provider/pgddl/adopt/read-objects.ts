import { messageOf, UserError } from "../../../lib/errors.ts";
import { askServer } from "../catalogue/server-words.ts";
import { listObjects, listSchemas, type ListedType } from "../catalogue/objects.ts";
import { foreignKeyKind } from "../kinds/foreign-key-kind.ts";
import { indexKind } from "../kinds/index-kind.ts";
import type { Kind, Questions } from "../kinds/kind.ts";
import { partitionKind } from "../kinds/partition-kind.ts";
import { partitionSetKind } from "../kinds/partition-set-kind.ts";
import { schemaKind } from "../kinds/schema-kind.ts";
import { tableKind } from "../kinds/table-kind.ts";
import { formatId } from "../object-id.ts";
import { toProperties } from "../plain-value.ts";
import type { Database, Session } from "../server/database.ts";
import type { Adoptable, Adoption } from "./adoptable.ts";

type Reader = (session: Session, parts: readonly string[], ask: Questions) => Promise<Adoptable | undefined>;

/** In the order of the program. Each type reads as its own import does. */
const readers: readonly (readonly [ListedType, Reader])[] = [
  ["Schema", readerOf(schemaKind)],
  ["Table", readerOf(tableKind)],
  ["Partition", readerOf(partitionKind)],
  ["PartitionSet", readerOf(partitionSetKind)],
  ["Index", readerOf(indexKind)],
  ["ForeignKey", readerOf(foreignKeyKind)],
];

/**
 * Everything in some schemas that pgddl has a resource for.
 * @param schemas none: every one that is neither the server's own nor an extension's
 * @throws UserError `no-schema`
 */
export async function readObjects(database: Database, schemas: readonly string[]): Promise<Adoption> {
  const ask: Questions = {
    answers: (questions, role) => database.ask(questions, role),
    read: (work) => database.read(work),
    words: (table) => askServer(database, table, new AbortController().signal),
  };
  return database.read(async (session) => {
    const all = await listSchemas(session);
    const missing = schemas.filter((schema) => !all.includes(schema));
    if (missing.length > 0) {
      throw new UserError(
        "no-schema",
        `${database.toString()} has no schema ${missing.map((name) => `"${name}"`).join(", ")}`,
        `There are: ${all.join(", ")}.`,
      );
    }
    const list = await listObjects(session, schemas.length > 0 ? schemas : all);
    const objects: Adoptable[] = [];
    for (const [type, read] of readers) {
      for (const parts of list.resources[type]) {
        // Whoever works on the database meanwhile may have dropped it.
        const found = await read(session, parts, ask);
        if (found) objects.push(found);
      }
    }
    return { objects, others: list.others };
  });
}

function readerOf<Spec extends object, Live extends object>(kind: Kind<Spec, Live>): Reader {
  return async (session, parts, ask) => {
    const { type, noun } = kind;
    const object = { type, noun, id: formatId(parts), parts };
    try {
      const live = await kind.read(session, parts);
      if (!live) return undefined;
      const spec = kind.adopt(live);
      const inputs = toProperties(spec);
      const refusals = kind.parse(inputs).faults.map(({ property, reason }) => `${property} ${reason}`);
      if (refusals.length > 0) return { ...object, inputs, refusals };
      const beyond = kind.beyondSpec(live);
      const { plan } = await kind.difference(live, { spec, catalog: live }, spec, ask);
      const pending = plan.flatMap(({ statements }) => statements.map(({ sql }) => sql));
      return {
        ...object,
        inputs,
        ...(beyond !== undefined && { beyond }),
        ...(pending.length > 0 && { pending }),
        refusals,
      };
    } catch (error) {
      // Something that no resource can be: told in the program instead of ending the whole.
      if (!(error instanceof UserError) || error.code !== "kind") throw error;
      return { ...object, inputs: {}, refusals: [messageOf(error)] };
    }
  };
}
