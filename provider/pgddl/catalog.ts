import { z } from "zod";

/**
 * What the catalogue says of an object, in the catalogue's own words. Kept in a resource's output `catalog`,
 * and compared with what is wanted; read back from a state that may be older than this code, hence the schemas.
 */

const key = z
  .object({
    name: z.string(),
    columns: z.array(z.string()),
    /** Of a partitioned table: not every partition has its part yet, so nothing is kept unique. */
    isUnfinished: z.boolean().optional(),
  })
  .readonly();
const partitionBy = z
  .object({
    strategy: z.enum(["range", "list", "hash"]),
    columns: z.array(z.string()),
    /** Holds an expression, an operator class or a collation, which a spec cannot say. */
    isBeyondSpec: z.boolean().optional(),
  })
  .readonly();
const bound = z.union([
  z.object({ from: z.array(z.string()), to: z.array(z.string()) }).readonly(),
  z.object({ in: z.array(z.string()) }).readonly(),
  z.object({ modulus: z.number(), remainder: z.number() }).readonly(),
  z.object({ isDefault: z.literal(true) }).readonly(),
]);

const column = z
  .object({
    name: z.string(),
    /** As format_type prints it, or `serial` and its like for a column with an owned sequence. */
    type: z.string(),
    notNull: z.boolean(),
    /** As pg_get_expr prints it; absent for a serial column. */
    default: z.string().optional(),
    attnum: z.number(),
    identity: z.enum(["always", "by default"]).optional(),
    /** As pg_get_expr prints it. */
    generated: z.string().optional(),
    isVirtual: z.boolean().optional(),
    /** Absent: the type's own. */
    collation: z.string().optional(),
    comment: z.string().optional(),
    statistics: z.number().optional(),
    /** Absent: the type's own. */
    storage: z.enum(["plain", "external", "extended", "main"]).optional(),
    /** What a spec cannot say, in the server's words. */
    beyondSpec: z.string().optional(),
    isDomain: z.boolean().optional(),
  })
  .readonly();

const storage = {
  unlogged: z.boolean().optional(),
  tablespace: z.string().optional(),
  storageParameters: z.record(z.string(), z.string()).optional(),
};

const check = z.object({ name: z.string(), expression: z.string(), isValidated: z.boolean() }).readonly();

export const tableCatalog = z
  .object({
    oid: z.string(),
    schema: z.string(),
    name: z.string(),
    owner: z.string(),
    columns: z.array(column),
    primaryKey: key.optional(),
    uniques: z.array(key),
    checks: z.array(check),
    partitionBy: partitionBy.optional(),
    comment: z.string().optional(),
    ...storage,
    /** Indexes that a cut-off build of a key left behind, on the table or its partitions. */
    leftovers: z
      .array(
        z
          .object({ schema: z.string(), table: z.string(), name: z.string(), isValid: z.boolean() })
          .readonly(),
      )
      .optional(),
    /** Triggers, exclusion constraints, policies: what a spec cannot say, a few words each. */
    beyondSpec: z.array(z.string()).optional(),
  })
  .readonly();

export const partitionCatalog = z
  .object({
    oid: z.string(),
    schema: z.string(),
    name: z.string(),
    owner: z.string(),
    /** Absent: an ordinary table, detached from its parent. */
    attached: z
      .object({
        parentSchema: z.string(),
        parent: z.string(),
        bound,
        /** A concurrent detach was cut off: the rows cannot be seen through the parent. */
        isDetachPending: z.boolean(),
      })
      .optional(),
    partitionBy: partitionBy.optional(),
    comment: z.string().optional(),
    ...storage,
    /** Has the CHECK by which an attach that was cut off meant to prove the bound. */
    hasBoundCheck: z.boolean().optional(),
  })
  .readonly();

/** A partition of a set, or one that the set has detached and keeps for its grace. */
const member = z
  .object({
    schema: z.string(),
    name: z.string(),
    oid: z.string(),
    owner: z.string(),
    bound,
    /** By it a set knows its own. */
    comment: z.string().optional(),
    isDetachPending: z.boolean().optional(),
    /** An ordinary table now. */
    isDetached: z.boolean().optional(),
    /** Known from the last update, and dropped by somebody else since. */
    isMissing: z.boolean().optional(),
  })
  .readonly();

export const partitionSetCatalog = z
  .object({
    /** The parent's. */
    oid: z.string(),
    schema: z.string(),
    parent: z.string(),
    owner: z.string(),
    keyColumn: z.string(),
    /** As format_type prints the partition key's type. */
    keyType: z.string(),
    /** In the order of their bounds. */
    members: z.array(member),
    /** Partitions of the same parent that the set does not own, the default partition among them. */
    others: z.array(member),
  })
  .readonly();

export const schemaCatalog = z
  .object({ oid: z.string(), name: z.string(), owner: z.string(), comment: z.string().optional() })
  .readonly();

const indexKey = z
  .object({
    name: z.string().optional(),
    expression: z.string().optional(),
    order: z.enum(["asc", "desc"]).optional(),
    nulls: z.enum(["first", "last"]).optional(),
    operatorClass: z.string().optional(),
    collation: z.string().optional(),
  })
  .readonly();

const indexDefinition = {
  /** A plain name where a name says all. Absent properties of a key are the defaults. */
  columns: z.array(z.union([z.string(), indexKey])),
  isUnique: z.boolean(),
  method: z.string(),
  nullsNotDistinct: z.boolean().optional(),
  include: z.array(z.string()).optional(),
  /** As pg_get_expr prints it. */
  where: z.string().optional(),
  storageParameters: z.record(z.string(), z.string()).optional(),
  /** False: a concurrent build was cut off, or a leaf's index is not attached yet. */
  isValid: z.boolean(),
  isPartitioned: z.boolean(),
};

export const indexCatalog = z
  .object({
    oid: z.string(),
    schema: z.string(),
    name: z.string(),
    table: z.string(),
    owner: z.string(),
    ...indexDefinition,
    comment: z.string().optional(),
    /** The constraint that it belongs to. */
    constraint: z.string().optional(),
    /** Of a partition: the partitioned table's index is the one to change. */
    isInherited: z.boolean().optional(),
    /** What cannot do without this very index, in a few words each: foreign keys, the replica identity. */
    usedBy: z.array(z.string()).optional(),
    /** What an update that was cut off has left beside it: the new index, or the one before. */
    helpers: z.array(z.object({ name: z.string(), ...indexDefinition }).readonly()).optional(),
    /** What a spec cannot say, in the server's words. */
    beyondSpec: z.string().optional(),
  })
  .readonly();

const action = z.enum(["no action", "restrict", "cascade", "set null", "set default"]);

const foreignKeyDefinition = {
  columns: z.array(z.string()),
  referencedSchema: z.string(),
  referencedTable: z.string(),
  referencedColumns: z.array(z.string()),
  onDelete: action,
  onUpdate: action,
  isValidated: z.boolean(),
  deferrable: z.enum(["initially immediate", "initially deferred"]).optional(),
};

export const foreignKeyCatalog = z
  .object({
    oid: z.string(),
    schema: z.string(),
    table: z.string(),
    name: z.string(),
    owner: z.string(),
    ...foreignKeyDefinition,
    /** Of a partition: the partitioned table's key is the one to change. */
    isInherited: z.boolean().optional(),
    /** The key that is to take its place, left beside it by an update that was cut off. */
    successor: z.object(foreignKeyDefinition).readonly().optional(),
    /** What a spec cannot say, in the server's words. */
    beyondSpec: z.string().optional(),
  })
  .readonly();

export type ColumnCatalog = z.infer<typeof column>;
export type KeyCatalog = z.infer<typeof key>;
export type LeftoverCatalog = NonNullable<TableCatalog["leftovers"]>[number];
export type CheckCatalog = z.infer<typeof check>;
export type PartitionByCatalog = z.infer<typeof partitionBy>;
export type BoundCatalog = z.infer<typeof bound>;
export type TableCatalog = z.infer<typeof tableCatalog>;
export type PartitionCatalog = z.infer<typeof partitionCatalog>;
export type MemberCatalog = z.infer<typeof member>;
export type PartitionSetCatalog = z.infer<typeof partitionSetCatalog>;
export type SchemaCatalog = z.infer<typeof schemaCatalog>;
export type IndexKeyCatalog = z.infer<typeof indexKey>;
export type IndexCatalog = z.infer<typeof indexCatalog>;
export type ForeignKeyCatalog = z.infer<typeof foreignKeyCatalog>;
