import type { CheckCatalog, KeyCatalog, LeftoverCatalog, TableCatalog } from "../catalog.ts";
import { keyIndexSuffix } from "../plan/made-up-name.ts";
import type { Session } from "../server/database.ts";

/** The keys and checks of a table. */
export async function readConstraints(
  session: Session,
  oid: string,
): Promise<Pick<TableCatalog, "primaryKey" | "uniques" | "checks">> {
  const rows = await session.query<ConstraintRow>(constraintQuery, [oid]);
  const keys = (type: string): KeyCatalog[] => rows.filter((row) => row.type === type).map(keyOf);
  const checks: CheckCatalog[] = rows
    .filter((row) => row.type === "c")
    .map((row) => ({ name: row.name, expression: row.expression ?? "", isValidated: row.isValidated }));
  const [primaryKey] = keys("p");
  return { ...(primaryKey && { primaryKey }), uniques: keys("u"), checks };
}

/** What cut-off builds left behind, and what no spec can say. */
export async function readSurroundings(
  session: Session,
  oid: string,
): Promise<Pick<TableCatalog, "leftovers" | "beyondSpec">> {
  const [row] = await session.query<SurroundingsRow>(surroundingsQuery, [oid, keyIndexSuffix]);
  const { leftovers, beyond } = row ?? { leftovers: null, beyond: null };
  return { ...(leftovers && { leftovers }), ...(beyond && { beyondSpec: beyond }) };
}

function keyOf({ name, columns, isFinished }: ConstraintRow): KeyCatalog {
  return { name, columns: columns ?? [], ...(!isFinished && { isUnfinished: true }) };
}

interface ConstraintRow {
  readonly name: string;
  readonly type: string;
  readonly columns: string[] | null;
  readonly expression: string | null;
  readonly isValidated: boolean;
  readonly isFinished: boolean;
}

interface SurroundingsRow {
  readonly leftovers: LeftoverCatalog[] | null;
  readonly beyond: string[] | null;
}

/** Asked by way of JSON, since not every version has the column. */
const isEnforced = "coalesce((to_jsonb(c) ->> 'conenforced')::boolean, true)";
const isPeriod = "coalesce((to_jsonb(c) ->> 'conperiod')::boolean, false)";

// Named NOT NULL constraints (PostgreSQL 18) are the columns' business. A check that is not enforced is none.
const constraintQuery = `
  SELECT c.conname AS name, c.contype AS type, pg_get_expr(c.conbin, c.conrelid) AS expression,
         c.convalidated AS "isValidated", coalesce(i.indisvalid, true) AS "isFinished",
         (SELECT json_agg(a.attname ORDER BY position)
            FROM unnest(c.conkey) WITH ORDINALITY AS u (attnum, position)
            JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = u.attnum) AS columns
    FROM pg_constraint c
    LEFT JOIN pg_index i ON i.indexrelid = c.conindid
   WHERE c.conrelid = $1 AND c.contype IN ('p', 'u', 'c') AND ${isEnforced}
   ORDER BY c.conname`;

const surroundingsQuery = `
  SELECT (SELECT json_agg(json_build_object('schema', n.nspname, 'table', t.relname, 'name', x.relname,
                                            'isValid', i.indisvalid) ORDER BY n.nspname, x.relname)
            FROM pg_index i
            JOIN pg_class x ON x.oid = i.indexrelid
            JOIN pg_class t ON t.oid = i.indrelid
            JOIN pg_namespace n ON n.oid = x.relnamespace
           WHERE i.indrelid IN (SELECT $1::oid UNION SELECT relid FROM pg_partition_tree($1::oid::regclass))
             AND right(x.relname, length($2)) = $2
             AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.conindid = i.indexrelid)) AS leftovers,
         (SELECT json_agg(words ORDER BY place, words) FROM (
            SELECT 1 AS place, 'trigger ' || g.tgname AS words FROM pg_trigger g
             WHERE g.tgrelid = $1 AND NOT g.tgisinternal
            UNION ALL
            SELECT 2, 'exclusion constraint ' || c.conname FROM pg_constraint c
             WHERE c.conrelid = $1 AND c.contype = 'x'
            UNION ALL
            SELECT 3, 'constraint ' || c.conname || ' ' || what
              FROM pg_constraint c
              LEFT JOIN pg_index i ON i.indexrelid = c.conindid,
                   LATERAL (VALUES (CASE WHEN c.condeferrable THEN 'DEFERRABLE' END),
                                   (CASE WHEN ${isPeriod} THEN 'WITHOUT OVERLAPS' END),
                                   (CASE WHEN i.indnkeyatts < i.indnatts THEN 'INCLUDE' END),
                                   (CASE WHEN i.indnullsnotdistinct THEN 'NULLS NOT DISTINCT' END),
                                   (CASE WHEN c.contype = 'c' AND c.connoinherit THEN 'NO INHERIT' END),
                                   (CASE WHEN NOT ${isEnforced} THEN 'NOT ENFORCED' END)) AS v (what)
             WHERE c.conrelid = $1 AND c.contype IN ('p', 'u', 'c') AND what IS NOT NULL
            UNION ALL
            SELECT 4, 'policy ' || p.polname FROM pg_policy p WHERE p.polrelid = $1
            UNION ALL
            SELECT 5, 'row level security' FROM pg_class t WHERE t.oid = $1 AND t.relrowsecurity
            UNION ALL
            SELECT 6, 'rule ' || r.rulename FROM pg_rewrite r WHERE r.ev_class = $1 AND r.rulename <> '_RETURN'
            UNION ALL
            SELECT 7, 'INHERITS ' || h.inhparent::regclass::text FROM pg_inherits h
              JOIN pg_class t ON t.oid = h.inhrelid AND NOT t.relispartition WHERE h.inhrelid = $1
            UNION ALL
            SELECT 8, 'inherited by ' || h.inhrelid::regclass::text FROM pg_inherits h
              JOIN pg_class t ON t.oid = h.inhrelid AND NOT t.relispartition WHERE h.inhparent = $1
            UNION ALL
            SELECT 9, 'OF ' || t.reloftype::regtype::text FROM pg_class t WHERE t.oid = $1 AND t.reloftype <> 0
            UNION ALL
            SELECT 10, 'REPLICA IDENTITY ' || CASE t.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE 'USING INDEX' END
              FROM pg_class t WHERE t.oid = $1 AND t.relreplident <> 'd'
            UNION ALL
            SELECT 11, 'USING ' || m.amname FROM pg_class t JOIN pg_am m ON m.oid = t.relam
             WHERE t.oid = $1 AND m.amname <> 'heap') AS b) AS beyond`;
