import type { SchemaCatalog } from "../catalog.ts";
import type { Session } from "../server/database.ts";

/** @param oid found by it when nothing has the name */
export async function readSchema(
  session: Session,
  name: string,
  oid?: string,
): Promise<SchemaCatalog | undefined> {
  const rows = await session.query<Omit<SchemaCatalog, "comment"> & { readonly comment: string | null }>(
    `SELECT n.oid::text AS oid, n.nspname AS name, pg_get_userbyid(n.nspowner) AS owner,
            obj_description(n.oid, 'pg_namespace') AS comment
       FROM pg_namespace n WHERE n.nspname = $1 OR n.oid = $2::oid ORDER BY n.nspname = $1 DESC`,
    [name, oid ?? null],
  );
  const [row] = rows;
  if (!row) return undefined;
  const { comment, ...rest } = row;
  return { ...rest, ...(comment !== null && { comment }) };
}
