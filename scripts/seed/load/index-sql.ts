import type { Client } from "pg";
import { schemaName, type CommerceIndex } from "../../../lib/commerce-model.ts";
import { qualify, quoteLiteral } from "../../../lib/identifier.ts";
import { buildAtOnce } from "../../../provider/pgddl/plan/index-sql.ts";
import { guardLock, lockIsHeld } from "./seed-lock.ts";

/** An index of the schema of the shop, and the statement that makes it. */
export interface IndexDefinition {
  readonly name: string;
  readonly create: string;
}

/**
 * Those of the indexes $2 (a text array) in the schema $1 that their definition tells everything of, so that they can be
 * made again as they were.
 */
const plainIndexes = `
  SELECT c.relname AS name, pg_catalog.pg_get_indexdef(c.oid) AS create
  FROM pg_catalog.pg_index i
  JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind = 'i'
    AND i.indisvalid AND NOT i.indisunique AND NOT i.indisreplident AND NOT i.indisclustered
    AND NOT c.relispartition AND c.reltablespace = 0
    AND pg_catalog.obj_description(c.oid, 'pg_class') IS NULL`;

export async function readPlainIndexes(client: Client, names: readonly string[]): Promise<IndexDefinition[]> {
  return (await client.query<IndexDefinition>(plainIndexes, [schemaName, names])).rows;
}

/** An index as the data model has it, made as its resource makes it on an empty table. */
export function definitionOf({ table, ...index }: CommerceIndex): IndexDefinition {
  const spec = { schema: schemaName, table, ...index };
  return { name: index.name, create: buildAtOnce(spec, { schema: schemaName, name: table }).sql };
}

/** Those whose name is free, whoever made the others. */
export async function readMissing(
  client: Client,
  indexes: readonly IndexDefinition[],
): Promise<IndexDefinition[]> {
  const { rows } = await client.query<{ isMissing: boolean }>(
    `SELECT pg_catalog.to_regclass(name) IS NULL AS "isMissing"
     FROM pg_catalog.unnest($1::text[]) WITH ORDINALITY AS t (name, place) ORDER BY place`,
    [indexes.map(({ name }) => qualify(schemaName, name))],
  );
  return indexes.filter((_, at) => rows[at]?.isMissing === true);
}

/** What the server says once nothing more is dropped. */
export const guardedNotice = "the indexes are watched over";

/** Half a second each: a seed that has lost its session, or is run again, takes the lock before. */
const quietRounds = 10;

/**
 * Ends once all of the indexes are there, and makes them itself once nobody has held the seed's lock for five seconds.
 * The server goes through with it though its client be killed.
 * @param toDrop what it drops first, some of them
 */
export function guard(indexes: readonly IndexDefinition[], toDrop: readonly IndexDefinition[]): string {
  const namesOf = (of: readonly IndexDefinition[]): string[] =>
    of.map(({ name }) => qualify(schemaName, name));
  const array = (texts: readonly string[]): string => `ARRAY[${texts.map(quoteLiteral).join(", ")}]`;
  const drop = toDrop.length > 0 ? `DROP INDEX IF EXISTS ${namesOf(toDrop).join(", ")}; COMMIT;` : "";
  const body = `
    DECLARE
      names CONSTANT text[] := ${array(namesOf(indexes))};
      creates CONSTANT text[] := ${array(indexes.map(({ create }) => create))};
      missing integer;
      quiet integer := 0;
    BEGIN
      ${drop}
      RAISE NOTICE ${quoteLiteral(guardedNotice)};
      LOOP
        SELECT min(i) INTO missing FROM pg_catalog.generate_subscripts(names, 1) AS i
          WHERE pg_catalog.to_regclass(names[i]) IS NULL;
        EXIT WHEN missing IS NULL;
        quiet := CASE WHEN ${lockIsHeld} THEN 0 ELSE quiet + 1 END;
        -- One of several, when a seed was killed more than once.
        IF quiet > ${quietRounds} AND pg_catalog.pg_try_advisory_xact_lock(${guardLock}) THEN
          EXECUTE creates[missing];
          COMMIT;
        ELSE
          COMMIT;
          PERFORM pg_catalog.pg_sleep(0.5);
        END IF;
      END LOOP;
    END`;
  return `DO ${quoteLiteral(body)}`;
}
