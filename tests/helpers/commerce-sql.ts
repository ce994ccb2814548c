import {
  commerceIndexes,
  commerceTables,
  foreignKeyIndexes,
  foreignKeyName,
  schemaName,
  seedSchemaName,
  seedTables,
  type CommerceIndex,
  type CommerceTable,
} from "../../lib/commerce-model.ts";
import { qualify, quoteIdentifier, quoteLiteral } from "../../lib/identifier.ts";
import { partitionsBetween } from "../../lib/partition-bounds.ts";

/** The data model as plain SQL, written apart from the provider, so that one can be held against the other. */
export interface CommerceSchemaOptions {
  /** The range that users' yearly partitions cover. */
  readonly partitionFrom?: string;
  readonly partitionTo?: string;
}

export function commerceSchemaSql(options: CommerceSchemaOptions = {}): string {
  const { partitionFrom = "2020-01-01", partitionTo = "2030-01-01" } = options;
  const partitions = partitionsBetween("year", partitionFrom, partitionTo).map(
    ({ suffix, from, to }) =>
      `CREATE TABLE ${inSchema(`users_${suffix}`)} PARTITION OF ${inSchema("users")} FOR VALUES FROM (${quoteLiteral(from)}) TO (${quoteLiteral(to)})`,
  );
  return [
    `CREATE SCHEMA ${quoteIdentifier(schemaName)} AUTHORIZATION commerce_owner`,
    `GRANT USAGE ON SCHEMA ${quoteIdentifier(schemaName)} TO commerce_reader`,
    `CREATE SCHEMA ${quoteIdentifier(seedSchemaName)} AUTHORIZATION commerce_owner`,
    `GRANT USAGE ON SCHEMA ${quoteIdentifier(seedSchemaName)} TO commerce_reader`,
    "SET ROLE commerce_owner",
    ...defaultPrivileges,
    ...commerceTables.map((table) => createTable(schemaName, table)),
    ...seedTables.map((table) => createTable(seedSchemaName, table)),
    ...partitions,
    ...commerceTables.flatMap(foreignKeys),
    ...commerceIndexes.map(createIndex),
    "RESET ROLE",
  ].join(";\n");
}

const inNewTables = `ALTER DEFAULT PRIVILEGES IN SCHEMA ${quoteIdentifier(schemaName)} GRANT`;
const inSeedTables = `ALTER DEFAULT PRIVILEGES IN SCHEMA ${quoteIdentifier(seedSchemaName)} GRANT`;
const defaultPrivileges = [
  `${inNewTables} SELECT ON TABLES TO commerce_reader`,
  `${inNewTables} INSERT, UPDATE, DELETE ON TABLES TO commerce_writer`,
  `${inNewTables} USAGE, SELECT ON SEQUENCES TO commerce_writer`,
  `${inNewTables} TRUNCATE ON TABLES TO seeder`,
  `${inNewTables} UPDATE ON SEQUENCES TO seeder`,
  `${inSeedTables} SELECT ON TABLES TO commerce_reader`,
  `${inSeedTables} INSERT, UPDATE, DELETE ON TABLES TO seeder`,
];

function createTable(schema: string, table: CommerceTable): string {
  const columns = table.columns.map(
    ({ name, type, notNull, default: value }) =>
      `${quoteIdentifier(name)} ${type}${notNull ? " NOT NULL" : ""}${value === undefined ? "" : ` DEFAULT ${value}`}`,
  );
  const checks = (table.checks ?? []).map(
    ({ name, expression }) => `CONSTRAINT ${quoteIdentifier(name)} CHECK (${expression})`,
  );
  const key = `PRIMARY KEY (${list(table.primaryKey)})`;
  const by = table.partitionBy
    ? ` PARTITION BY ${table.partitionBy.strategy} (${list(table.partitionBy.columns)})`
    : "";
  return `CREATE TABLE ${qualify(schema, table.name)} (${[...columns, key, ...checks].join(", ")})${by}`;
}

function foreignKeys(table: CommerceTable): string[] {
  const constraints = table.foreignKeys.map(
    (
      key,
    ) => `ALTER TABLE ${inSchema(table.name)} ADD CONSTRAINT ${quoteIdentifier(foreignKeyName(table.name, key))}
       FOREIGN KEY (${list(key.columns)}) REFERENCES ${inSchema(key.table)} (${list(key.referenced)})`,
  );
  return [...constraints, ...foreignKeyIndexes(table).map(createIndex)];
}

function createIndex({ name, table, columns, include, where }: CommerceIndex): string {
  const stored = include ? ` INCLUDE (${list(include)})` : "";
  const rows = where === undefined ? "" : ` WHERE ${where}`;
  return `CREATE INDEX ${quoteIdentifier(name)} ON ${inSchema(table)} (${list(columns)})${stored}${rows}`;
}

function inSchema(name: string): string {
  return qualify(schemaName, name);
}

function list(names: readonly string[]): string {
  return names.map(quoteIdentifier).join(", ");
}
