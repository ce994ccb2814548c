import type { Properties } from "../host/values.ts";

/** The package described for Pulumi's tools: `pulumi import` and code generation know only what stands here. */
export const packageVersion = "0.1.0";

const text = (description: string): Properties => ({ type: "string", description });
const flag = (description: string): Properties => ({ type: "boolean", description });
const texts = (description: string): Properties => ({
  type: "array",
  items: { type: "string" },
  description,
});
const one = (type: string, description: string): Properties => ({
  $ref: `#/types/pgddl:index:${type}`,
  description,
});
const many = (type: string, description: string): Properties => ({
  type: "array",
  items: { $ref: `#/types/pgddl:index:${type}` },
  description,
});
const object = (properties: Properties, required: readonly string[]): Properties => ({
  type: "object",
  properties,
  required,
});

const schema = text("The schema, which has to exist.");
const owner = text(
  "The role that owns it. Default: the connection's role; of a partition, its parent's owner.",
);
const partitionBy = one("PartitionBy", "PARTITION BY: this table holds no rows itself, its partitions do.");
const action = text(
  'What happens to referencing rows: "no action" (default), "restrict", "cascade", "set null" or "set default".',
);

const outputs: Properties = {
  catalog: { $ref: "pulumi.json#/Any", description: "What the catalogue says of the object." },
  plannedSql: texts("In a preview, the statements with their locks and costs; not kept after it."),
};

const resource = (
  description: string,
  inputs: Properties,
  requiredInputs: readonly string[],
): Properties => ({
  description,
  inputProperties: inputs,
  requiredInputs,
  properties: { ...inputs, ...outputs },
  required: [...requiredInputs, "catalog"],
});

const resources: Properties = {
  "pgddl:index:Table": resource(
    "A table, ordinary or partitioned. Import by `schema.table`.",
    {
      schema,
      name: text("At most 63 bytes."),
      owner,
      columns: many("Column", "The columns; their order matters only when the table is made."),
      primaryKey: one("Key", "PRIMARY KEY."),
      uniques: many("Key", "UNIQUE constraints."),
      checks: many("Check", "CHECK constraints."),
      partitionBy,
      comment: text("COMMENT ON TABLE."),
    },
    ["schema", "name", "columns"],
  ),
  "pgddl:index:Partition": resource(
    "One partition of a partitioned table. Import by `schema.partition`.",
    {
      schema,
      name: text("At most 63 bytes."),
      parent: text("The partitioned table."),
      parentSchema: text("The parent's schema. Default: the partition's own."),
      owner,
      bound: one("Bound", "FOR VALUES."),
      partitionBy,
    },
    ["schema", "name", "parent", "bound"],
  ),
  "pgddl:index:Index": resource(
    "An index beside those of keys. Import by `schema.index`.",
    {
      schema,
      table: text("The table."),
      name: text("At most 63 bytes."),
      columns: texts("The columns, in order."),
      unique: flag("UNIQUE. Default false."),
      method: text('"btree" (default), "hash", "gin", "gist" or "brin".'),
    },
    ["schema", "table", "name", "columns"],
  ),
  "pgddl:index:ForeignKey": resource(
    "A foreign key, validated. Import by `schema.table.constraint`.",
    {
      schema,
      table: text("The referencing table."),
      name: text("The constraint's name, at most 63 bytes."),
      columns: texts("The referencing columns."),
      references: one("References", "What they reference."),
      onDelete: action,
      onUpdate: action,
    },
    ["schema", "table", "name", "columns", "references"],
  ),
};

const types: Properties = {
  "pgddl:index:Column": object(
    {
      name: text("At most 63 bytes."),
      type: text(
        "A PostgreSQL type in any spelling that the server knows, or serial, bigserial, smallserial.",
      ),
      notNull: flag("NOT NULL. Default false; a column of the primary key always is."),
      default: text("DEFAULT, an SQL expression."),
    },
    ["name", "type"],
  ),
  "pgddl:index:Key": object(
    { name: text("Default: the name that PostgreSQL gives."), columns: texts("The columns, in order.") },
    ["columns"],
  ),
  "pgddl:index:Check": object(
    { name: text("At most 63 bytes."), expression: text("A boolean SQL expression over the row's columns.") },
    ["name", "expression"],
  ),
  "pgddl:index:PartitionBy": object(
    { strategy: text('"range", "list" or "hash".'), columns: texts("The partition key.") },
    ["strategy", "columns"],
  ),
  "pgddl:index:Bound": object(
    {
      from: texts("Inclusive, one text a key column, or MINVALUE; with `to`."),
      to: texts("Exclusive, one text a key column, or MAXVALUE; with `from`."),
      in: texts("The values of a list partition; NULL for null."),
      modulus: { type: "integer", description: "Of a hash partition; with `remainder`." },
      remainder: { type: "integer", description: "Of a hash partition; less than the modulus." },
      isDefault: flag("True: takes the rows that no other partition does."),
    },
    [],
  ),
  "pgddl:index:References": object(
    {
      schema: text("Default: the referencing table's schema."),
      table: text("The referenced table."),
      columns: texts("The referenced columns, one for each referencing one."),
    },
    ["table", "columns"],
  ),
};

const connection: Properties = {
  host: text("Host of the unpooled endpoint."),
  port: { type: "integer", description: "Port of the unpooled endpoint." },
  database: text("The database that every object is in."),
  username: text("A member of every role that is to own a table."),
  password: { type: "string", description: "Its password.", secret: true },
  applicationName: text("What pg_stat_activity shows. Default: pgddl."),
};

export const packageSchema: Properties = {
  name: "pgddl",
  version: packageVersion,
  description: "Tables, partitions, indexes and foreign keys of PostgreSQL as resources.",
  config: { variables: connection },
  provider: {
    inputProperties: connection,
    requiredInputs: ["host", "port", "database", "username", "password"],
  },
  resources,
  types,
};
