import { foreignKeyCatalog, type ForeignKeyCatalog } from "../catalog.ts";
import { readRelation } from "./tables.ts";
import type { Session } from "../server/database.ts";
import type { ReferencingTable } from "../plan/foreign-key-plan.ts";

export async function readForeignKey(
  session: Session,
  schema: string,
  table: string,
  name: string,
): Promise<ForeignKeyCatalog | undefined> {
  const [row] = await session.query<ForeignKeyRow>(foreignKeyQuery, [schema, table, name]);
  if (!row) return undefined;
  const { isDeferrable, isFull, ...rest } = row;
  const beyond = [...(isDeferrable ? ["DEFERRABLE"] : []), ...(isFull ? ["MATCH FULL"] : [])];
  const catalog = {
    schema,
    table,
    name,
    ...rest,
    ...(beyond.length > 0 && { beyondSpec: beyond.join(", ") }),
  };
  return foreignKeyCatalog.parse(catalog);
}

/** What a plan has to know of the referencing table; undefined when it does not exist. */
export async function readReferencingTable(
  session: Session,
  schema: string,
  table: string,
): Promise<ReferencingTable | undefined> {
  const relation = await readRelation(session, schema, table);
  if (!relation) return undefined;
  const [version] = await session.query<{ number: number }>(
    "SELECT current_setting('server_version_num')::int AS number",
  );
  const isNew = (version?.number ?? 0) >= 180_000;
  return { owner: relation.owner, canWaitToValidate: isNew || relation.kind !== "p" };
}

interface ForeignKeyRow {
  readonly isDeferrable: boolean;
  readonly isFull: boolean;
}

const columnsOf = (table: string, key: string): string => `
  (SELECT json_agg(a.attname ORDER BY position) FROM unnest(${key}) WITH ORDINALITY AS u (attnum, position)
     JOIN pg_attribute a ON a.attrelid = ${table} AND a.attnum = u.attnum)`;

const actionOf = (letter: string): string => `
  CASE ${letter} WHEN 'a' THEN 'no action' WHEN 'r' THEN 'restrict' WHEN 'c' THEN 'cascade'
                 WHEN 'n' THEN 'set null' WHEN 'd' THEN 'set default' END`;

const foreignKeyQuery = `
  SELECT k.oid::text AS oid, pg_get_userbyid(c.relowner) AS owner,
         ${columnsOf("k.conrelid", "k.conkey")} AS columns,
         rn.nspname AS "referencedSchema", r.relname AS "referencedTable",
         ${columnsOf("k.confrelid", "k.confkey")} AS "referencedColumns",
         ${actionOf("k.confdeltype")} AS "onDelete", ${actionOf("k.confupdtype")} AS "onUpdate",
         k.convalidated AS "isValidated", k.condeferrable AS "isDeferrable", k.confmatchtype = 'f' AS "isFull"
    FROM pg_constraint k
    JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class r ON r.oid = k.confrelid JOIN pg_namespace rn ON rn.oid = r.relnamespace
   WHERE n.nspname = $1 AND c.relname = $2 AND k.conname = $3 AND k.contype = 'f'`;
