import { withClient } from "../../lib/connection.ts";
import { qualify, quoteIdentifier, quoteLiteral } from "../../lib/identifier.ts";
import type { PostgresServer } from "./postgres-server.ts";
import type { ProviderClient } from "./provider-client.ts";
import type { Model } from "./random-model.ts";
import { dumpSchema } from "./schema-dump.ts";

const rowsPerTable = 12;

/** The schema `shop` of one database, with a provider that works in it. */
export class RandomWorld {
  readonly client: ProviderClient;
  readonly #server: PostgresServer;
  readonly #database: string;

  constructor(server: PostgresServer, database: string, client: ProviderClient) {
    this.#server = server;
    this.#database = database;
    this.client = client;
  }

  /** Empties the schema. */
  async reset(): Promise<void> {
    await this.#run(`
      DROP SCHEMA IF EXISTS shop CASCADE;
      CREATE SCHEMA shop AUTHORIZATION shop_owner;
      GRANT ALL ON SCHEMA shop TO other_owner`);
  }

  /** Puts rows into every table. */
  async insert(model: Model): Promise<void> {
    for (const table of model.tables) {
      const given = table.columns.flatMap(({ name, sample, notNull }) => {
        if (sample === undefined) return [];
        const value = notNull ? sample : `CASE WHEN g % 4 > 0 THEN ${sample} END`;
        return [{ name: quoteIdentifier(name), value }];
      });
      const names = given.map(({ name }) => name).join(", ");
      const values = given.map(({ value }) => value).join(", ");
      const into = qualify("shop", table.name);
      await this.#run(
        given.length === 0
          ? Array.from({ length: rowsPerTable }, () => `INSERT INTO ${into} DEFAULT VALUES`).join(";")
          : `INSERT INTO ${into} (${names}) SELECT ${values} FROM generate_series(1, ${rowsPerTable}) AS g`,
      );
    }
  }

  async count(table: string): Promise<number> {
    const [row] = await this.#ask<{ n: number }>(`SELECT count(*)::int AS n FROM ${qualify("shop", table)}`);
    return row?.n ?? 0;
  }

  /** Drops a table that may be there. @returns its rows */
  async takeAway(table: string): Promise<number> {
    const name = qualify("shop", table);
    const [left] = await this.#ask<{ found: string | null }>(
      `SELECT to_regclass(${quoteLiteral(name)})::text AS found`,
    );
    if (left === undefined || left.found === null) return 0;
    const rows = await this.count(table);
    await this.#run(`DROP TABLE ${name}`);
    return rows;
  }

  /**
   * The definitions, line by line, without what a program cannot say: the order of columns, the names of NOT NULLs,
   * of a column's own sequence and of the indexes of partitions, and the comments of partitions' columns and indexes.
   */
  async dump(): Promise<string> {
    const parts = await this.#ask<{ name: string; canonical: string }>(`
      SELECT quote_ident(c.relname) AS name, 'of ' || t.relname || ' under ' || pg_partition_root(c.oid) AS canonical
        FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid JOIN pg_class AS t ON t.oid = i.indrelid
       WHERE c.relispartition AND c.relnamespace = 'shop'::regnamespace
      UNION ALL
      SELECT quote_ident(c.relname), 'sequence of ' || t.relname || '.' || a.attname
        FROM pg_class AS c
        JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype IN ('a', 'i')
        JOIN pg_class AS t ON d.refclassid = 'pg_class'::regclass AND t.oid = d.refobjid
        JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
       WHERE c.relkind = 'S' AND c.relnamespace = 'shop'::regnamespace`);
    const partitions = await this.#ask<{ name: string }>(`
      SELECT 'shop.' || quote_ident(relname) AS name FROM pg_class
       WHERE relispartition AND relkind IN ('r', 'p') AND relnamespace = 'shop'::regnamespace`);
    let dump = await dumpSchema(this.#server, "shop", this.#database);
    for (const { name, canonical } of parts) {
      const escaped = name.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");
      dump = dump.replaceAll(new RegExp(`(?<![\\w"])${escaped}(?![\\w"])`, "g"), `<${canonical}>`);
    }
    return dump
      .replaceAll(/CONSTRAINT ("([^"]|"")*"|\w+) NOT NULL/g, "NOT NULL")
      .split("\n")
      .map((line) => line.replace(/,$/, ""))
      .filter((line) => !partitions.some(({ name }) => line.startsWith(`COMMENT ON COLUMN ${name}.`)))
      .filter((line) => !line.startsWith("COMMENT ON INDEX shop.<"))
      .sort()
      .join("\n");
  }

  async #run(sql: string): Promise<void> {
    const connection = { ...this.#server.superuser, database: this.#database };
    await withClient(connection, "ecosphere-test", (client) => client.query(sql));
  }

  async #ask<Row extends Record<string, unknown>>(sql: string): Promise<Row[]> {
    const connection = { ...this.#server.superuser, database: this.#database };
    return withClient(connection, "ecosphere-test", async (client) => (await client.query<Row>(sql)).rows);
  }
}
