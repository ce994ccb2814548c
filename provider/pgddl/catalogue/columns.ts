import type { ColumnCatalog } from "../catalog.ts";
import { serialFor } from "../plan/type-name.ts";
import type { Session } from "../server/database.ts";

/** The columns of a table, in its own order. */
export async function readColumns(session: Session, oid: string): Promise<ColumnCatalog[]> {
  return (await session.query<ColumnRow>(columnQuery, [oid])).map(columnOf);
}

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly notNull: boolean;
  /** Of a generated column: its expression. */
  readonly expression: string | null;
  readonly attnum: number;
  readonly identity: "" | "a" | "d";
  readonly generated: "" | "s" | "v";
  /** Null: the type's own. */
  readonly collation: string | null;
  readonly isCollationOwn: boolean | null;
  readonly comment: string | null;
  readonly statistics: number | null;
  /** Null: the type's own. */
  readonly storage: "p" | "e" | "m" | "x" | null;
  readonly compression: string;
  readonly options: string[] | null;
  readonly isDomain: boolean;
  /** Of a sequence that the column owns. */
  readonly sequence: string | null;
}

// PostgreSQL 17.12 gives it to every column that is made, of views too: nobody set it, and nobody can leave it out.
const serversOwnOption = "pg_attver=";

const storages = { p: "plain", e: "external", m: "main", x: "extended" } as const;

function columnOf(row: ColumnRow): ColumnCatalog {
  const { name, notNull, attnum, sequence, expression, collation, comment, statistics, storage } = row;
  const ofSequence = sequence === null ? undefined : `nextval('${sequence.replaceAll("'", "''")}'::regclass)`;
  const isDefault = expression !== null && row.generated === "";
  const serial = notNull && isDefault && expression === ofSequence ? serialFor(row.type) : undefined;
  const beyond = [
    ...(collation !== null && row.isCollationOwn === true ? [`COLLATE ${collation}`] : []),
    ...(row.compression === "" ? [] : [`COMPRESSION ${row.compression === "l" ? "lz4" : "pglz"}`]),
    ...(row.options ?? []).filter((option) => !option.startsWith(serversOwnOption)),
  ];
  return {
    name,
    type: serial ?? row.type,
    notNull,
    ...(isDefault && serial === undefined && { default: expression }),
    attnum,
    ...(row.identity !== "" && { identity: row.identity === "a" ? "always" : "by default" }),
    ...(expression !== null && row.generated !== "" && { generated: expression }),
    ...(row.generated === "v" && { isVirtual: true }),
    ...(collation !== null && row.isCollationOwn !== true && { collation }),
    ...(comment !== null && { comment }),
    ...(statistics !== null && { statistics }),
    ...(storage !== null && { storage: storages[storage] }),
    ...(beyond.length > 0 && { beyondSpec: beyond.join(" ") }),
    ...(row.isDomain && { isDomain: true }),
  };
}

// The statistics target that is the server's default is NULL from PostgreSQL 17 on, and -1 before.
const columnQuery = `
  SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS "notNull",
         pg_get_expr(d.adbin, d.adrelid) AS expression, a.attnum, a.attidentity AS identity,
         a.attgenerated AS generated, t.typtype = 'd' AS "isDomain",
         l.collname AS collation, l.collnamespace <> 'pg_catalog'::regnamespace AS "isCollationOwn",
         col_description(a.attrelid, a.attnum) AS comment,
         nullif(a.attstattarget, -1)::int AS statistics,
         nullif(a.attstorage, t.typstorage) AS storage,
         a.attcompression AS compression, a.attoptions AS options,
         (SELECT s.oid::regclass::text FROM pg_depend p JOIN pg_class s ON s.oid = p.objid AND s.relkind = 'S'
           WHERE p.classid = 'pg_class'::regclass AND p.refclassid = 'pg_class'::regclass
             AND p.refobjid = a.attrelid AND p.refobjsubid = a.attnum AND p.deptype = 'a' LIMIT 1) AS sequence
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    LEFT JOIN pg_collation l ON l.oid = a.attcollation AND a.attcollation <> t.typcollation
   WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attnum`;
