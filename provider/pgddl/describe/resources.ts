import type { Properties } from "../../host/values.ts";
import {
  choice,
  flag,
  many,
  one,
  text,
  texts,
  textsByName,
  textsOr,
  textOrWhole,
  tokenOf,
  whole,
} from "./property.ts";

const schema = text("The schema, which has to exist.");
const name = text("At most 63 bytes.");
const owner = text("The role that owns it. Default: the connection's role.");
const ownerOfPartition = text("The role that owns it. Default: its parent's owner.");
const partitionBy = one("PartitionBy", "PARTITION BY: this table holds no rows itself, its partitions do.");
const storageParameters = textsByName('WITH (…): `{ fillfactor: "70" }`.');
const storage: Properties = {
  unlogged: flag("UNLOGGED: faster writes, empty after a crash, absent on replicas. Default false."),
  tablespace: text("Default: the database's."),
  storageParameters,
};
const overrides: Properties = {
  allowDataLoss: texts("What this update may lose, each by its exact name: `column:email`, `rows`."),
  allowRewrite: texts("What this update may write anew although it is big: `column:price`, `table`."),
};
const adopt = flag(
  "Whether an object of that name is taken over and brought to what is wanted. Default false.",
);
const origin: Properties = {
  renamedFrom: text("The name that the object has now, in the same schema."),
  adopt,
};
const actions = ["no action", "restrict", "cascade", "set null", "set default"];

const outputs: Properties = {
  catalog: { $ref: "pulumi.json#/Any", description: "What the catalogue says of the object." },
  plannedSql: texts("In a preview, the statements with their locks and costs; not kept after it."),
};

const resource = (description: string, inputs: Properties, required: readonly string[]): Properties => ({
  description,
  inputProperties: inputs,
  requiredInputs: required,
  properties: { ...inputs, ...outputs },
  required: [...required, "catalog"],
});

/** Every type of resource, by token. */
export const resources: Properties = {
  [tokenOf("Schema")]: resource(
    "A schema. Import by its name.",
    {
      name,
      owner,
      comment: text("COMMENT ON SCHEMA."),
      renamedFrom: text("The name that the schema has now."),
      adopt: flag("Whether a schema of that name is taken over. Default false."),
    },
    ["name"],
  ),
  [tokenOf("Table")]: resource(
    "A table, ordinary or partitioned. Import by `schema.table`.",
    {
      schema,
      name,
      owner,
      columns: many("Column", "The columns; their order matters only when the table is made."),
      primaryKey: one("Key", "PRIMARY KEY."),
      uniques: many("Key", "UNIQUE constraints."),
      checks: many("Check", "CHECK constraints."),
      partitionBy,
      comment: text("COMMENT ON TABLE."),
      archiveTo: textsByName(
        "By dropped column, the table that it is copied to first, with the primary key.",
      ),
      enforce: flag("Whether columns and constraints that no program declares are dropped. Default false."),
      ...storage,
      ...overrides,
      ...origin,
    },
    ["schema", "name", "columns"],
  ),
  [tokenOf("Partition")]: resource(
    "One partition of a partitioned table. Import by `schema.partition`.",
    {
      schema,
      name,
      parent: text("The partitioned table."),
      parentSchema: text("The parent's schema. Default: the partition's own."),
      owner: ownerOfPartition,
      bound: one("Bound", "FOR VALUES."),
      partitionBy,
      comment: text("COMMENT ON TABLE."),
      moveFromDefault: flag("Whether its rows in the default partition are moved here first. Default false."),
      ...storage,
      ...overrides,
      ...origin,
    },
    ["schema", "name", "parent", "bound"],
  ),
  [tokenOf("PartitionSet")]: resource(
    "The partitions of one table by range over one column, as a rolling window. Import by `schema.table`.",
    {
      schema,
      parent: text("The partitioned table."),
      owner: ownerOfPartition,
      interval: textOrWhole(
        'What one partition holds: "day", "week", "month", "quarter", "year", or a number.',
      ),
      range: one("SetRange", "Where the partitions begin and end."),
      asOf: text("The date, or number, that counts as now; no clock is read."),
      premake: whole("How many partitions there are beyond the one that holds `asOf`. Default 4."),
      retention: whole("How many intervals before the one that holds `asOf` stay attached. Default: all."),
      detachGrace: whole(
        "How many days, or intervals of a number, a detached partition is kept at least. Default 7.",
      ),
      prefix: text("What stands before the suffix of a partition's name. Default: the parent's name."),
      moveFromDefault: flag("Whether their rows in the default partition are moved first. Default false."),
      childPolicy: choice("What to do about partitions that others made. Default report.", [
        "ignore",
        "report",
        "adopt",
      ]),
      allowDataLoss: texts("Partitions that may be dropped with their rows: `partition:users_2019`."),
      adopt,
    },
    ["schema", "parent", "interval", "range", "asOf"],
  ),
  [tokenOf("Index")]: resource(
    "An index beside those of keys. Import by `schema.index`.",
    {
      schema,
      table: text("The table."),
      name,
      columns: textsOr("IndexKey", "Its keys in order: names of columns, or more about one."),
      unique: flag("UNIQUE. Default false."),
      nullsNotDistinct: flag("Whether two nulls count as equal in a unique index. Default false."),
      method: choice("Access method. Default btree.", ["btree", "hash", "gin", "gist", "spgist", "brin"]),
      include: texts("INCLUDE: columns that are stored along."),
      where: text("WHERE: only these rows are indexed."),
      storageParameters,
      comment: text("COMMENT ON INDEX."),
      ...origin,
    },
    ["schema", "table", "name", "columns"],
  ),
  [tokenOf("ForeignKey")]: resource(
    "A foreign key, validated. Import by `schema.table.constraint`.",
    {
      schema,
      table: text("The referencing table."),
      name: text("The constraint's name, at most 63 bytes."),
      columns: texts("The referencing columns."),
      references: one("References", "What they reference."),
      onDelete: choice("What happens to referencing rows. Default no action.", actions),
      onUpdate: choice("What happens to referencing rows. Default no action.", actions),
      deferrable: choice("When it is checked, if not after each statement. Default: never deferred.", [
        "initially immediate",
        "initially deferred",
      ]),
      ...origin,
    },
    ["schema", "table", "name", "columns", "references"],
  ),
};
