import { DatabaseError } from "pg";
import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import { indexCatalog, type IndexCatalog, type IndexKeyCatalog } from "../catalog.ts";
import { kinds, readRelation, wrongKind } from "./tables.ts";
import type { Session } from "../server/database.ts";
import { definitionOf, type IndexDefinition } from "../plan/index-definition.ts";
import { formatDotted, indexClauses } from "../plan/index-sql.ts";
import { isOutgoingName, isTemporaryName, outgoingName, temporaryName } from "../plan/made-up-name.ts";
import { formatId } from "../object-id.ts";
import type { IndexSpec } from "../spec.ts";

/**
 * @param oid found by it when nothing has the name
 * @throws UserError when the name is that of something other than an index
 */
export async function readIndex(
  session: Session,
  schema: string,
  name: string,
  oid?: string,
): Promise<IndexCatalog | undefined> {
  const relation = await readRelation(session, schema, name);
  if (relation && relation.kind !== "i" && relation.kind !== "I") {
    throw wrongKind(
      relation,
      `${kinds.get(relation.kind) ?? "something else"}, no index`,
      "Choose another name.",
    );
  }
  const found = relation?.oid ?? oid;
  if (found === undefined) return undefined;
  const [row] = await session.query<IndexRow>(`${indexQuery} WHERE i.indexrelid = $1::oid`, [found]);
  if (!row) return undefined;
  // Under such a name an index waits for the end of an update; the one that it was, or will be, has the name.
  if (!relation && (isTemporaryName(row.name) || isOutgoingName(row.name))) return undefined;
  const helpers = await session.query<IndexRow>(
    `${indexQuery} WHERE n.nspname = $1 AND c.relname = ANY ($2) AND t.oid = $3::oid ORDER BY c.relname`,
    [row.schema, [temporaryName(row.name), outgoingName(row.name)], row.tableOid],
  );
  const { schema: inSchema, table, owner, comment, constraint } = row;
  const usedBy = [
    ...(row.foreignKeys ?? []).map((key) => `foreign key ${key}`),
    ...(row.isReplicaIdentity ? [`the replica identity of ${formatId([inSchema, table])}`] : []),
  ];
  const beyond = [
    ...(row.tablespace === null ? [] : [`TABLESPACE ${row.tablespace}`]),
    ...(row.hasClassOptions ? ["options of an operator class"] : []),
  ];
  return indexCatalog.parse({
    oid: row.oid,
    schema: inSchema,
    name: row.name,
    table,
    owner,
    ...describe(row),
    ...(comment !== null && { comment }),
    ...(constraint !== null && { constraint }),
    ...(row.isInherited && { isInherited: true }),
    ...(constraint === null && usedBy.length > 0 && { usedBy }),
    ...(helpers.length > 0 && { helpers: helpers.map((each) => ({ name: each.name, ...describe(each) })) }),
    ...(beyond.length > 0 && { beyondSpec: beyond.join(", ") }),
  });
}

/**
 * How the server says the definition of `spec`: makes the index on a temporary table like its own, and rolls both
 * back. Undefined when it cannot be made, because the table is not yet what it will be: the build says so then.
 */
export async function readIndexWords(
  session: Session,
  spec: IndexSpec,
): Promise<IndexDefinition | undefined> {
  const table = quoteIdentifier(spec.table);
  const kind = spec.unique === true ? "UNIQUE INDEX" : "INDEX";
  await session.query("BEGIN");
  try {
    const like = `CREATE TEMPORARY TABLE ${table} (LIKE ${qualify(spec.schema, spec.table)}) ON COMMIT DROP`;
    await session.query(like);
    await session.query(`CREATE ${kind} ON pg_temp.${table} ${indexClauses(spec)}`);
    const [row] = await session.query<IndexRow>(
      `${indexQuery} WHERE t.relnamespace = pg_catalog.pg_my_temp_schema() AND t.relname = $1`,
      [spec.table],
    );
    return row && definitionOf(describe(row));
  } catch (error) {
    if (error instanceof DatabaseError && toCome.has(error.code ?? "")) return undefined;
    throw error;
  } finally {
    await session.query("ROLLBACK").catch(() => undefined);
  }
}

/** What an earlier change of the same update may still bring: columns, tables, operator classes, functions, types. */
const toCome = new Set(["42703", "42P01", "42704", "42883", "42804"]);

type Described = Pick<
  IndexCatalog,
  | "columns"
  | "isUnique"
  | "method"
  | "nullsNotDistinct"
  | "include"
  | "where"
  | "storageParameters"
  | "isValid"
  | "isPartitioned"
>;

function describe(row: IndexRow): Described {
  const { isUnique, method, isValid, isPartitioned, where, storageParameters } = row;
  return {
    columns: row.keys.map(keyOf),
    isUnique,
    method,
    ...(row.nullsNotDistinct && { nullsNotDistinct: true }),
    ...(row.include && { include: row.include }),
    ...(where !== null && { where }),
    ...(storageParameters && { storageParameters }),
    isValid,
    isPartitioned,
  };
}

function keyOf(row: KeyRow): string | IndexKeyCatalog {
  const { name, expression, isDescending, isNullsFirst } = row;
  const rest = {
    ...(isDescending && { order: "desc" as const }),
    ...(isNullsFirst !== isDescending && { nulls: isNullsFirst ? ("first" as const) : ("last" as const) }),
    ...(row.operatorClass && { operatorClass: nameOf(row.operatorClass) }),
    ...(row.collation && { collation: nameOf(row.collation) }),
  };
  if (name === null) return { expression: expression ?? "", ...rest };
  return Object.keys(rest).length === 0 ? name : { name, ...rest };
}

/** Without the schema where every session finds it. */
function nameOf([schema, name]: readonly [string, string]): string {
  return formatDotted(schema === "pg_catalog" ? [name] : [schema, name]);
}

interface KeyRow {
  readonly name: string | null;
  readonly expression: string | null;
  readonly isDescending: boolean;
  readonly isNullsFirst: boolean;
  readonly operatorClass: readonly [string, string] | null;
  readonly collation: readonly [string, string] | null;
}

interface IndexRow {
  readonly oid: string;
  readonly schema: string;
  readonly name: string;
  readonly table: string;
  readonly tableOid: string;
  readonly owner: string;
  readonly keys: readonly KeyRow[];
  readonly include: string[] | null;
  readonly isUnique: boolean;
  readonly nullsNotDistinct: boolean;
  readonly isValid: boolean;
  readonly isPartitioned: boolean;
  readonly method: string;
  readonly where: string | null;
  readonly storageParameters: Record<string, string> | null;
  readonly comment: string | null;
  readonly constraint: string | null;
  readonly foreignKeys: readonly string[] | null;
  readonly isReplicaIdentity: boolean;
  readonly isInherited: boolean;
  readonly tablespace: string | null;
  readonly hasClassOptions: boolean;
}

// The vectors of pg_index count from 0, ordinality from 1. Of an expression no natural collation is known: said is
// any but the database's, on the wanted side and on the live one alike.
const keysOf = `
  (SELECT json_agg(json_build_object(
            'name', a.attname,
            'expression', CASE WHEN u.attnum = 0 THEN pg_get_indexdef(i.indexrelid, u.place::int, false) END,
            'isDescending', i.indoption[u.place - 1] & 1 <> 0,
            'isNullsFirst', i.indoption[u.place - 1] & 2 <> 0,
            'operatorClass', CASE WHEN NOT o.opcdefault THEN json_build_array(op.nspname, o.opcname) END,
            'collation', CASE WHEN l.oid <> coalesce(a.attcollation, 100)
                              THEN json_build_array(ln.nspname, l.collname) END)
          ORDER BY u.place)
     FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u (attnum, place)
     JOIN pg_opclass o ON o.oid = i.indclass[u.place - 1] JOIN pg_namespace op ON op.oid = o.opcnamespace
     LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum AND u.attnum <> 0
     LEFT JOIN pg_collation l ON l.oid = i.indcollation[u.place - 1]
     LEFT JOIN pg_namespace ln ON ln.oid = l.collnamespace
    WHERE u.place <= i.indnkeyatts)`;

const indexQuery = `
  SELECT c.oid::text AS oid, n.nspname AS schema, c.relname AS name, t.relname AS table, t.oid::text AS "tableOid",
         pg_get_userbyid(c.relowner) AS owner, ${keysOf} AS keys,
         (SELECT json_agg(a.attname ORDER BY u.place)
            FROM unnest(i.indkey::int2[]) WITH ORDINALITY AS u (attnum, place)
            JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.attnum
           WHERE u.place > i.indnkeyatts) AS include,
         i.indisunique AS "isUnique", i.indnullsnotdistinct AS "nullsNotDistinct", i.indisvalid AS "isValid",
         c.relkind = 'I' AS "isPartitioned", m.amname AS method, pg_get_expr(i.indpred, i.indrelid) AS where,
         (SELECT json_object_agg(option_name, option_value) FROM pg_options_to_table(c.reloptions))
           AS "storageParameters",
         obj_description(c.oid, 'pg_class') AS comment,
         (SELECT conname FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x')
             AND k.conrelid = i.indrelid) AS constraint,
         (SELECT json_agg(k.conrelid::regclass || '.' || k.conname ORDER BY 1) FROM pg_constraint k
           WHERE k.conindid = i.indexrelid AND k.contype = 'f' AND k.conparentid = 0) AS "foreignKeys",
         i.indisreplident AS "isReplicaIdentity",
         EXISTS (SELECT 1 FROM pg_inherits h WHERE h.inhrelid = c.oid) AS "isInherited",
         (SELECT spcname FROM pg_tablespace s WHERE s.oid = c.reltablespace) AS tablespace,
         EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attoptions IS NOT NULL)
           AS "hasClassOptions"
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_class t ON t.oid = i.indrelid JOIN pg_am m ON m.oid = c.relam`;
