import assert from "node:assert/strict";
import { after, before } from "node:test";
import type { Properties } from "../../provider/host/values.ts";
import { startPgddl, type Made, type PgddlDatabase } from "./pgddl-database.ts";
import { postgresVersions, type PostgresVersion } from "./postgres-server.ts";

/** The oldest and the newest server, which differ most. */
export const farVersions: readonly PostgresVersion[] = postgresVersions.filter(
  (_version, at) => at === 0 || at === postgresVersions.length - 1,
);

/** The columns that every table of `columnTables` has; `id` is the primary key. */
export const id: Properties = { name: "id", type: "integer", notNull: true };
export const note: Properties = { name: "note", type: "varchar(20)" };

export function inputsOf(name: string, columns: readonly Properties[], rest: Properties = {}): Properties {
  return {
    ...{ schema: "shop", name, owner: "shop_owner", columns, primaryKey: { columns: ["id"] } },
    ...rest,
  };
}

/** Tables with rows whose columns change, on a server for the suite that calls this. */
export interface ColumnTables {
  readonly database: () => PgddlDatabase;
  /** Three rows: ids 1 to 3, the notes of which are `n1`, null and `n3`. */
  readonly make: (name: string, more?: readonly Properties[], rest?: Properties) => Promise<Made>;
  /** Carries the change out; after it nothing is left to do, neither by the state nor after a refresh or an import. */
  readonly change: (made: Made, news: Properties) => Promise<Made>;
  /** Diff and Update refuse it, in words that match each pattern. */
  readonly refuses: (made: Made, news: Properties, ...patterns: readonly RegExp[]) => Promise<void>;
  /** By id. */
  readonly rowsOf: (name: string, what?: string) => Promise<Record<string, unknown>[]>;
  /** Another one after the table was written anew. */
  readonly fileOf: (name: string) => Promise<unknown>;
}

export function columnTables(version: PostgresVersion): ColumnTables {
  let database: PgddlDatabase;
  before(async () => {
    database = await startPgddl(version);
  });
  after(() => database[Symbol.asyncDispose]());
  return {
    database: () => database,
    make: async (name, more = [], rest = {}) => {
      const made = await database.table.make(inputsOf(name, [id, note, ...more], rest));
      await database.sql(
        `INSERT INTO shop.${name} (id, note) SELECT g, CASE WHEN g <> 2 THEN 'n' || g END FROM generate_series(1, 3) AS g`,
      );
      return made;
    },
    change: async (made, news) => {
      const { table } = database;
      assert.notDeepEqual((await table.diff(made.id, made, news)).changes, {});
      const { outputs } = await table.update(made.id, made, news);
      const state = { id: made.id, inputs: news, outputs };
      assert.deepEqual((await table.diff(made.id, state, news)).changes, {}, "the second diff");
      const found = await table.read(made.id, state);
      assert.deepEqual(found?.inputs, news, "what a refresh finds");
      const imported = await table.read(made.id);
      assert.ok(imported);
      const plain = { ...news, allowDataLoss: null, allowRewrite: null, archiveTo: null };
      assert.deepEqual((await table.diff(made.id, imported, plain)).changes, {}, "after an import");
      return state;
    },
    refuses: async (made, news, ...patterns) => {
      for (const pattern of patterns) {
        await assert.rejects(database.table.diff(made.id, made, news), pattern);
        await assert.rejects(database.table.update(made.id, made, news), pattern);
      }
    },
    rowsOf: (name, what = "*") => database.sql(`SELECT ${what} FROM shop.${name} ORDER BY id`),
    fileOf: async (name) =>
      (await database.sql(`SELECT relfilenode FROM pg_class WHERE oid = 'shop.${name}'::regclass`))[0],
  };
}
