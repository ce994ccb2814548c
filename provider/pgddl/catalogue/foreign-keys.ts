import { foreignKeyCatalog, type ForeignKeyCatalog } from "../catalog.ts";
import { readRelation } from "./tables.ts";
import type { Session } from "../server/database.ts";
import { referencedTable, type ForeignKeyTables, type ReferencedKey } from "../plan/foreign-key-facts.ts";
import { temporaryName } from "../plan/made-up-name.ts";
import type { Size } from "../plan/statement.ts";
import type { ForeignKeySpec } from "../spec.ts";

/** @param oid found by it when nothing has the name */
export async function readForeignKey(
  session: Session,
  [schema, table, name]: readonly [schema: string, table: string, name: string],
  oid?: string,
): Promise<ForeignKeyCatalog | undefined> {
  const byName = async (wanted: string): Promise<ForeignKeyRow | undefined> => {
    const where = "WHERE n.nspname = $1 AND c.relname = $2 AND k.conname = $3 AND k.contype = 'f'";
    return (await session.query<ForeignKeyRow>(`${foreignKeyQuery} ${where}`, [schema, table, wanted]))[0];
  };
  const byOid = async (): Promise<ForeignKeyRow | undefined> =>
    oid === undefined
      ? undefined
      : (
          await session.query<ForeignKeyRow>(`${foreignKeyQuery} WHERE k.oid = $1::oid AND k.contype = 'f'`, [
            oid,
          ])
        )[0];
  const row = (await byName(name)) ?? (await byOid());
  if (!row) return undefined;
  const successor =
    row.schema === schema && row.table === table ? await byName(temporaryName(row.name)) : undefined;
  const { isFull, isInherited, setColumns, isEnforced, hasPeriod } = row;
  const beyond = [
    ...(isFull ? ["MATCH FULL"] : []),
    ...(setColumns === null ? [] : [`ON DELETE for (${setColumns.join(", ")}) alone`]),
    ...(isEnforced ? [] : ["NOT ENFORCED"]),
    ...(hasPeriod ? ["PERIOD"] : []),
  ];
  const catalog = {
    ...row,
    ...deferrableOf(row),
    isInherited: isInherited || undefined,
    ...(successor && { successor: { ...successor, ...deferrableOf(successor) } }),
    ...(beyond.length > 0 && { beyondSpec: beyond.join(", ") }),
  };
  return foreignKeyCatalog.parse(catalog);
}

/** What a plan has to know of the two tables; undefined when the referencing one does not exist. */
export async function readForeignKeyTables(
  session: Session,
  spec: ForeignKeySpec,
): Promise<ForeignKeyTables | undefined> {
  const relation = await readRelation(session, spec.schema, spec.table);
  if (!relation) return undefined;
  const [facts] = await session.query<TableRow>(tableQuery, [relation.oid]);
  const target = referencedTable(spec);
  const other = await readRelation(session, target.schema, target.name);
  const keys = other ? await session.query<ReferencedKey>(keysQuery, [other.oid]) : [];
  const isPartitioned = relation.kind === "p";
  return {
    owner: relation.owner,
    canWaitToValidate: (facts?.version ?? 0) >= 180_000 || !isPartitioned,
    isPartitioned,
    isEmpty: facts?.size.bytes === 0,
    ...(facts && { size: facts.size }),
    primaryKey: facts?.primaryKey ?? [],
    indexes: facts?.indexes ?? [],
    ...(other && { referenced: { isPartitioned: other.kind === "p", keys } }),
  };
}

function deferrableOf({ isDeferrable, isDeferred }: ForeignKeyRow): Pick<ForeignKeySpec, "deferrable"> {
  if (!isDeferrable) return {};
  return { deferrable: isDeferred ? "initially deferred" : "initially immediate" };
}

interface ForeignKeyRow {
  readonly schema: string;
  readonly table: string;
  readonly name: string;
  readonly isDeferrable: boolean;
  readonly isDeferred: boolean;
  readonly isFull: boolean;
  readonly isInherited: boolean;
  readonly isEnforced: boolean;
  readonly hasPeriod: boolean;
  readonly setColumns: readonly string[] | null;
}

interface TableRow {
  readonly version: number;
  readonly size: Size;
  readonly primaryKey: string[] | null;
  readonly indexes: string[][] | null;
}

const columnsOf = (table: string, key: string): string => `
  (SELECT json_agg(a.attname ORDER BY place) FROM unnest(${key}) WITH ORDINALITY AS u (attnum, place)
     JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = u.attnum)`;

/** Of the keys of an index, up to the first expression. */
const keysOfIndex = `
  (SELECT json_agg(a.attname ORDER BY place) FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u (attnum, place)
     JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum WHERE place <= i.indnkeyatts)`;

const actionOf = (letter: string): string => `
  CASE ${letter} WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade'
                 WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' END`;

// Not every version has the columns that are looked for in the row as JSON. Whether the rows below a partitioned
// table are validated is not looked at: PostgreSQL 15 says false of them for good.
const foreignKeyQuery = `
  SELECT k.oid::text AS oid, n.nspname AS schema, c.relname AS table, k.conname AS name,
         pg_get_userbyid(c.relowner) AS owner,
         ${columnsOf("k.conrelid", "k.conkey")} AS columns,
         rn.nspname AS "referencedSchema", r.relname AS "referencedTable",
         ${columnsOf("k.confrelid", "k.confkey")} AS "referencedColumns",
         ${actionOf("k.confdeltype")} AS "onDelete", ${actionOf("k.confupdtype")} AS "onUpdate",
         k.convalidated AS "isValidated", k.condeferrable AS "isDeferrable", k.condeferred AS "isDeferred",
         k.confmatchtype = 'f' AS "isFull", k.conparentid <> 0 AS "isInherited",
         ${columnsOf("k.conrelid", "k.confdelsetcols")} AS "setColumns",
         coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true) AS "isEnforced",
         coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false) AS "hasPeriod"
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace`;

const tableQuery = `
  SELECT current_setting('server_version_num')::int AS version,
         (SELECT json_build_object('rows', coalesce(sum(greatest(c.reltuples, 0)), 0),
                                   'bytes', coalesce(sum(pg_relation_size(c.oid)), 0))
            FROM pg_class c WHERE c.relkind = 'r'
             AND (c.oid = $1::oid OR c.oid IN (SELECT relid FROM pg_partition_tree($1::oid::regclass)))) AS size,
         (SELECT ${columnsOf("k.conrelid", "k.conkey")} FROM pg_constraint k
           WHERE k.conrelid = $1::oid AND k.contype = 'p') AS "primaryKey",
         (SELECT json_agg(${keysOfIndex}) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
            JOIN pg_am m ON m.oid = c.relam
           WHERE i.indrelid = $1::oid AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] <> 0
             AND m.amname IN ('btree', 'hash')) AS indexes`;

const keysQuery = `
  SELECT c.relname AS name, ${keysOfIndex} AS columns
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
   WHERE i.indrelid = $1::oid AND i.indisunique AND i.indimmediate AND i.indisvalid
     AND i.indpred IS NULL AND i.indexprs IS NULL
   ORDER BY i.indisprimary DESC, c.relname`;
