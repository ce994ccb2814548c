import type { Properties } from "../../host/values.ts";
import { choice, flag, text, texts, tokenOf, whole } from "./property.ts";

const object = (properties: Properties, required: readonly string[]): Properties => ({
  type: "object",
  properties,
  required,
});

/** The objects that properties of resources consist of, by token. */
export const types: Properties = {
  [tokenOf("Column")]: object(
    {
      name: text("At most 63 bytes."),
      type: text(
        "A PostgreSQL type in any spelling that the server knows, or serial, bigserial, smallserial.",
      ),
      notNull: flag("NOT NULL. Default false; a column of the primary key always is."),
      default: text("DEFAULT, an SQL expression."),
      identity: choice("GENERATED … AS IDENTITY, for an integer column.", ["always", "by default"]),
      generated: text("GENERATED ALWAYS AS: an SQL expression over the row's other columns."),
      isVirtual: flag(
        "Whether a generated column is computed when it is read (PostgreSQL 18). Default false.",
      ),
      collation: text("COLLATE, by the collation's name. Default: the type's own."),
      comment: text("COMMENT ON COLUMN."),
      statistics: whole("SET STATISTICS, 0 to 10000. Default: the server's default_statistics_target."),
      storage: choice("SET STORAGE. Default: the type's own.", ["plain", "external", "extended", "main"]),
      renamedFrom: text("The name that the column has now."),
      backfill: text("What rows without a value get when the column turns NOT NULL: an SQL expression."),
      using: text("How an old value becomes one of a new type that no cast joins: an SQL expression."),
      zone: text("The time zone of values without one, when a timestamp gains or loses its zone."),
    },
    ["name", "type"],
  ),
  [tokenOf("Key")]: object(
    {
      name: text("Default: the name that PostgreSQL gives."),
      columns: texts("The columns, in order."),
      renamedFrom: text("The name that the constraint has now; needs `name`."),
    },
    ["columns"],
  ),
  [tokenOf("Check")]: object(
    {
      name: text("At most 63 bytes."),
      expression: text("A boolean SQL expression over the row's columns."),
      renamedFrom: text("The name that the constraint has now."),
    },
    ["name", "expression"],
  ),
  [tokenOf("PartitionBy")]: object(
    {
      strategy: choice("How rows are told apart.", ["range", "list", "hash"]),
      columns: texts("The partition key."),
    },
    ["strategy", "columns"],
  ),
  [tokenOf("Bound")]: object(
    {
      from: texts("Inclusive, one text a key column, or MINVALUE; with `to`."),
      to: texts("Exclusive, one text a key column, or MAXVALUE; with `from`."),
      in: texts("The values of a list partition; NULL for null."),
      modulus: whole("Of a hash partition; with `remainder`."),
      remainder: whole("Of a hash partition; less than the modulus."),
      isDefault: flag("True: takes the rows that no other partition does."),
    },
    [],
  ),
  [tokenOf("SetRange")]: object(
    {
      from: text("Where the first partition begins: a date or a number."),
      to: text("Where at least the last one ends. Default: what `asOf` and `premake` ask for."),
    },
    ["from"],
  ),
  [tokenOf("IndexKey")]: object(
    {
      name: text("A column; or give `expression`."),
      expression: text("An SQL expression over the row; or give `name`."),
      order: choice("Default asc.", ["asc", "desc"]),
      nulls: choice("Default: last of an ascending key, first of a descending one.", ["first", "last"]),
      operatorClass: text("`text_pattern_ops`, `gin_trgm_ops`. Default: the type's own."),
      collation: text("Default: the column's own."),
    },
    [],
  ),
  [tokenOf("References")]: object(
    {
      schema: text("Default: the referencing table's schema."),
      table: text("The referenced table."),
      columns: texts("The referenced columns, one for each referencing one."),
    },
    ["table", "columns"],
  ),
};
