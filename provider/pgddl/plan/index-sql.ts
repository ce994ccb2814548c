import { qualify, quoteIdentifier, quoteLiteral } from "../../../lib/identifier.ts";
import type { IndexKeySpec, IndexSpec } from "../spec.ts";
import { concurrently, quickly, type Size, type Statement, type TableName } from "./statement.ts";
import { lock } from "./table-locks.ts";

/** A table as what is indexed. */
export interface Indexed extends TableName {
  readonly isPartitioned?: boolean | undefined;
  readonly size?: Size | undefined;
}

/** CREATE INDEX in one go, on every partition too. Stops writes until it is done. */
export function buildAtOnce(spec: IndexSpec, on: Indexed): Statement {
  return quickly(`${create(spec)} ${quoteIdentifier(spec.name)} ON ${target(spec, on)}`, {
    locks: [lock("SHARE", on, on.isPartitioned)],
    scans: true,
    ...(on.size && { size: on.size }),
    hazards: ["blocks writes"],
  });
}

/** The index of a partitioned table without those of its partitions: valid when all of them are attached. */
export function buildShell(spec: IndexSpec, name: string, on: TableName): Statement {
  return quickly(`${create(spec)} ${quoteIdentifier(name)} ON ONLY ${target(spec, on)}`, {
    locks: [lock("SHARE", on)],
    hazards: ["blocks writes"],
  });
}

export function buildConcurrently(spec: IndexSpec, name: string, on: Indexed): Statement {
  const sql = `${create(spec)} CONCURRENTLY ${quoteIdentifier(name)} ON ${target(spec, on)}`;
  return concurrently(sql, {
    locks: [lock("SHARE UPDATE EXCLUSIVE", on)],
    scans: true,
    ...(on.size && { size: on.size }),
  });
}

/** Without stopping anybody; not possible for the index of a partitioned table. */
export function dropConcurrently(schema: string, name: string, table: string): Statement {
  return concurrently(`DROP INDEX CONCURRENTLY ${qualify(schema, name)}`, {
    locks: [lock("SHARE UPDATE EXCLUSIVE", { schema, name: table })],
    hazards: ["drops an object"],
  });
}

/** The index of a partitioned table, with those of its partitions that are attached to it. */
export function dropPartitioned(schema: string, name: string, table: string): Statement {
  return quickly(`DROP INDEX ${qualify(schema, name)}`, {
    locks: [lock("ACCESS EXCLUSIVE", { schema, name: table }, true)],
    hazards: ["drops an object", "blocks reads and writes"],
  });
}

export function attachIndex(above: TableName, index: TableName): Statement {
  return quickly(
    `ALTER INDEX ${qualify(above.schema, above.name)} ATTACH PARTITION ${qualify(index.schema, index.name)}`,
    { locks: [lock("SHARE UPDATE EXCLUSIVE", above), lock("ACCESS EXCLUSIVE", index)] },
  );
}

export function renameIndex(schema: string, from: string, to: string): Statement {
  return quickly(`ALTER INDEX ${qualify(schema, from)} RENAME TO ${quoteIdentifier(to)}`, {
    locks: [lock("SHARE UPDATE EXCLUSIVE", { schema, name: from })],
  });
}

/** Stops a swap that would leave the table with half an index: a partition may have come meanwhile. */
export function requireValid(schema: string, name: string): Statement {
  return quickly(
    `SELECT NOT indisvalid FROM pg_catalog.pg_index WHERE indexrelid = ${quoteLiteral(qualify(schema, name))}::regclass`,
    {
      refusesIfTrue: {
        message: `index ${schema}.${name} is not built for every partition yet`,
        hint: "Run the update again: it goes on with the partitions that are left.",
      },
    },
  );
}

/** @param comment undefined: none */
export function commentOnIndex(schema: string, name: string, comment: string | undefined): Statement {
  const text = comment === undefined ? "NULL" : quoteLiteral(comment);
  return quickly(`COMMENT ON INDEX ${qualify(schema, name)} IS ${text}`, {
    locks: [lock("SHARE UPDATE EXCLUSIVE", { schema, name })],
  });
}

/** Those that can change while the index is in use; any other stops queries for a moment. */
const quietParameters: readonly string[] = ["fillfactor", "deduplicate_items"];

/** SET and RESET, so that the parameters are those of `wanted`. */
export function setParameters(
  schema: string,
  name: string,
  live: Readonly<Record<string, string>>,
  wanted: Readonly<Record<string, string>>,
): readonly Statement[] {
  const set = Object.entries(wanted).filter(([key, value]) => live[key] !== value);
  const reset = Object.keys(live).filter((key) => wanted[key] === undefined);
  const alter = (what: string, keys: readonly string[]): Statement => {
    const isQuiet = keys.every((key) => quietParameters.includes(key));
    return quickly(`ALTER INDEX ${qualify(schema, name)} ${what}`, {
      locks: [lock(isQuiet ? "SHARE UPDATE EXCLUSIVE" : "ACCESS EXCLUSIVE", { schema, name })],
      hazards: isQuiet ? [] : ["blocks reads and writes"],
    });
  };
  const keys = set.map(([key]) => key);
  return [
    ...(set.length > 0 ? [alter(`SET (${parameters(Object.fromEntries(set))})`, keys)] : []),
    ...(reset.length > 0 ? [alter(`RESET (${reset.map(quoteIdentifier).join(", ")})`, reset)] : []),
  ];
}

/** What stands in the brackets of CREATE INDEX, and behind them. Also said of the temporary table. */
export function indexClauses(spec: IndexSpec): string {
  const { include = [], where, storageParameters = {}, nullsNotDistinct, method = "btree" } = spec;
  return [
    `USING ${method} (${spec.columns.map(keySql).join(", ")})`,
    ...(include.length > 0 ? [`INCLUDE (${include.map(quoteIdentifier).join(", ")})`] : []),
    ...(nullsNotDistinct === true ? ["NULLS NOT DISTINCT"] : []),
    ...(Object.keys(storageParameters).length > 0 ? [`WITH (${parameters(storageParameters)})`] : []),
    ...(where === undefined ? [] : [`WHERE (${where})`]),
  ].join(" ");
}

/** What a key is of a row: a column, or an expression in brackets. */
export function keyExpression(key: string | IndexKeySpec): string {
  if (typeof key === "string") return quoteIdentifier(key);
  return key.expression === undefined ? quoteIdentifier(key.name ?? "") : `(${key.expression})`;
}

function keySql(key: string | IndexKeySpec): string {
  const { order, nulls, operatorClass, collation } = typeof key === "string" ? {} : key;
  return [
    keyExpression(key),
    ...(collation === undefined ? [] : [`COLLATE ${quoteDotted(collation)}`]),
    ...(operatorClass === undefined ? [] : [quoteDotted(operatorClass)]),
    ...(order === "desc" ? ["DESC"] : []),
    ...(nulls === undefined ? [] : [`NULLS ${nulls.toUpperCase()}`]),
  ].join(" ");
}

/** `C`, `public.gin_trgm_ops`: quoted is only a part that a dot or a quote would take apart. */
export function formatDotted(parts: readonly string[]): string {
  return parts.map((part) => (/[."]/.test(part) ? quoteIdentifier(part) : part)).join(".");
}

/** What `formatDotted` gives, as SQL. */
function quoteDotted(name: string): string {
  const parts = [...name.matchAll(/"((?:[^"]|"")+)"|[^."]+/g)];
  return parts.map(([plain, quoted]) => quoteIdentifier(quoted?.replaceAll('""', '"') ?? plain)).join(".");
}

function parameters(given: Readonly<Record<string, string>>): string {
  return Object.entries(given)
    .map(([key, value]) => `${quoteIdentifier(key)} = ${quoteLiteral(value)}`)
    .join(", ");
}

function create(spec: IndexSpec): string {
  return `CREATE ${spec.unique === true ? "UNIQUE " : ""}INDEX`;
}

function target(spec: IndexSpec, on: TableName): string {
  return `${qualify(on.schema, on.name)} ${indexClauses(spec)}`;
}
