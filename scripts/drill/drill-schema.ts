import { withClient, type Connection } from "../../lib/connection.ts";
import { UserError } from "../../lib/errors.ts";

/** Where a drill's rows are: a schema of its own, beside whatever the user has. */
export const drillSchema = "ecosphere_drill";
export const writtenTable = `${drillSchema}.written`;

/** What a drill calls its sessions. */
export const applicationName = "ecosphere-drill";

const mark = "made by ./ecosphere drill, which drops it";

/** The timeline that the server is at work on. A replica has none, and refuses the question. */
const timelineSql = "('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int";

/** Takes the row's id and its source. Returns the timeline; a replica refuses it with 25006. */
export const insertSql = `INSERT INTO ${writtenTable} (id, source, timeline) VALUES ($1, $2, ${timelineSql}) RETURNING timeline`;

/** The same for a session of psql, without parameters. */
export function insertText(id: number, source: string): string {
  return `INSERT INTO ${writtenTable} (id, source, timeline) VALUES (${id}, '${source}', ${timelineSql}) RETURNING id || ' ' || timeline;`;
}

/**
 * Makes the drill's table, and drops one that a killed drill has left.
 * @param admin may make a schema in the database
 * @param logins that write and read in the drill
 * @throws UserError `schema-taken` when somebody else has a schema of that name
 */
export async function createDrillSchema(admin: Connection, logins: readonly string[]): Promise<void> {
  await dropDrillSchema(admin);
  await withClient(admin, applicationName, async (client) => {
    const names = [...new Set(logins)].map((login) => client.escapeIdentifier(login)).join(", ");
    // No key: a row that comes twice must show. Fewer than autovacuum would look at for a minute.
    await client.query(`BEGIN;
      CREATE SCHEMA ${drillSchema};
      COMMENT ON SCHEMA ${drillSchema} IS '${mark}';
      CREATE TABLE ${writtenTable} (id bigint NOT NULL, source text NOT NULL, timeline int NOT NULL);
      GRANT USAGE ON SCHEMA ${drillSchema} TO ${names};
      GRANT SELECT, INSERT ON ${writtenTable} TO ${names};
      COMMIT`);
  });
}

/** Drops the drill's table, if it is the drill's. @throws UserError `schema-taken` */
export async function dropDrillSchema(admin: Connection): Promise<void> {
  await withClient(admin, applicationName, async (client) => {
    const { rows } = await client.query<{ comment: string | null }>(
      "SELECT obj_description(oid, 'pg_namespace') AS comment FROM pg_namespace WHERE nspname = $1",
      [drillSchema],
    );
    if (rows.length === 0) return;
    if (rows[0]?.comment !== mark) {
      throw new UserError(
        "schema-taken",
        `there is a schema ${drillSchema} that the drill has not made`,
        "Rename or drop it; the drill would use that name.",
      );
    }
    await client.query(`DROP SCHEMA ${drillSchema} CASCADE`);
  });
}
