import { idColumn, type CommerceTable } from "../../lib/commerce-model.ts";
import { quoteIdentifier } from "../../lib/identifier.ts";
import type { ColumnSpec } from "../../provider/pgddl/spec.ts";

/**
 * The hash of a row `t` as SQL, a bigint that is never null: each column's hash with a seed of its own, XORed; and that
 * as the seed of the id's hash, so that no two changes of two rows undo one another in a sum or an XOR of such hashes.
 * hash_record_extended would be one call, but takes nearly twice as long: it makes a record of each row, and looks for
 * the collation of each text.
 */
export function rowHash(table: CommerceTable): string {
  const id = idColumn(table);
  const others = table.columns.filter(({ name }) => name !== id);
  const seed = others.map((column, at) => columnHash(column, at + 1)).join(" # ");
  return `hashint4extended(t.${quoteIdentifier(id)}, ${seed})`;
}

function columnHash({ name, type, notNull = false }: ColumnSpec, seed: number): string {
  const hash = hashOf(`t.${quoteIdentifier(name)}`, type, seed);
  // The functions are strict.
  return notNull ? hash : `coalesce(${hash}, ${seed})`;
}

/** @throws RangeError for a type that the data model does not have */
function hashOf(value: string, type: string, seed: number): string {
  switch (type) {
    case "integer":
      return `hashint4extended(${value}, ${seed})`;
    case "numeric":
      return `hash_numeric_extended(${value}, ${seed})`;
    case "text":
      return `hashtextextended(${value} COLLATE "C", ${seed})`;
    case "timestamp":
      return `timestamp_hash_extended(${value}, ${seed})`;
    case "date":
      return `timestamp_hash_extended(${value}::timestamp, ${seed})`;
    default:
      throw new RangeError(`nothing hashes the type ${type}`);
  }
}
