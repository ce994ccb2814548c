import type { ColumnSpec } from "./spec.ts";

/** Every property of a column but its name and type, each of which may be left out by being undefined. */
type Details = { readonly [Key in Exclude<keyof ColumnSpec, "name" | "type">]: ColumnSpec[Key] | undefined };

/** A column of what is known of it; what is undefined is left out. */
export function columnOf(name: string, type: string, details: Details): ColumnSpec {
  const { notNull, identity, generated, isVirtual, collation, comment, statistics, storage } = details;
  const { default: expression, renamedFrom, backfill, using, zone } = details;
  return {
    name,
    type,
    ...(notNull !== undefined && { notNull }),
    ...(expression !== undefined && { default: expression }),
    ...(identity && { identity }),
    ...(generated !== undefined && { generated }),
    ...(isVirtual !== undefined && { isVirtual }),
    ...(collation !== undefined && { collation }),
    ...(comment !== undefined && { comment }),
    ...(statistics !== undefined && { statistics }),
    ...(storage && { storage }),
    ...(renamedFrom !== undefined && { renamedFrom }),
    ...(backfill !== undefined && { backfill }),
    ...(using !== undefined && { using }),
    ...(zone !== undefined && { zone }),
  };
}
