import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { IndexCatalog } from "../catalog.ts";
import type { Difference, Refusal } from "./difference.ts";
import type { IndexSpec } from "../spec.ts";
import { concurrently, quickly, type Plan, type Statement, type Step } from "./statement.ts";

/** What there is of the table that a plan depends on. */
export interface IndexedTable {
  readonly owner: string;
  readonly isPartitioned: boolean;
  /** Looked at outside any lock, so only a guess at how long the build takes. */
  readonly isEmpty: boolean;
  /** Of a partitioned table: everything below it, parents before children. */
  readonly below: readonly {
    readonly schema: string;
    readonly name: string;
    readonly parentSchema: string;
    readonly parent: string;
    readonly isPartitioned: boolean;
  }[];
  /** Indexes that a cut-off build of this very index left behind. */
  readonly leftovers: readonly Leftover[];
}

/** An index of a name that a build gives; valid ones are kept. */
export interface Leftover {
  readonly schema: string;
  readonly name: string;
  readonly isValid: boolean;
  readonly isAttached: boolean;
}

/**
 * Builds the index; without stopping writes where the table holds rows.
 * @param table undefined in a preview in which the table is still to be made
 */
export function planIndexCreate(spec: IndexSpec, table: IndexedTable | undefined): Plan {
  const role = table && { role: table.owner };
  if (!table || (table.isEmpty && table.leftovers.length === 0)) {
    return [{ isTransaction: true, ...role, statements: [plainBuild(spec)] }];
  }
  if (table.isPartitioned) return partitionedBuild(spec, table);
  const statements = [
    ...table.leftovers.map((leftover) => dropLeftover(leftover)),
    concurrentBuild(spec, spec.schema, spec.table, spec.name),
  ];
  return [{ isTransaction: false, ...role, statements }];
}

/** @param table needed only for an index that is not valid */
export function planIndexChange(
  live: IndexCatalog,
  wanted: IndexSpec,
  table: IndexedTable | undefined,
): Difference {
  const refusals: Refusal[] = [];
  const refuse = (path: string, from: string, to: string): void => {
    if (from === to) return;
    const why = "an index is not changed in place";
    const hint = "Declare another index with a name of its own, and remove this one when that one is there.";
    refusals.push({ path, from, to, why, hint });
  };
  refuse("schema", live.schema, wanted.schema);
  refuse("table", live.table, wanted.table);
  refuse("name", live.name, wanted.name);
  refuse("columns", JSON.stringify(live.columns), JSON.stringify(wanted.columns));
  refuse("unique", String(live.isUnique), String(wanted.unique ?? false));
  refuse("method", live.method, wanted.method ?? "btree");
  const unfinished = !live.isValid && refusals.length === 0;
  return {
    changes: [
      ...(unfinished ? [{ path: "catalog.isValid", kind: "update" as const }] : []),
      ...refusals.map(({ path }) => ({ path, kind: "update" as const })),
    ],
    refusals,
    warnings: [],
    plan: unfinished && table ? planIndexCreate(wanted, table) : [],
  };
}

/** Without stopping writes where PostgreSQL can do that: an index of a partitioned table it cannot. */
export function planIndexDrop(live: IndexCatalog): Plan {
  const index = qualify(live.schema, live.name);
  const isTransaction = live.isPartitioned;
  const on = { schema: live.schema, name: live.table };
  const statement: Statement = {
    ...(isTransaction ? quickly(`DROP INDEX ${index}`) : concurrently(`DROP INDEX CONCURRENTLY ${index}`)),
    locks: [{ mode: isTransaction ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE", on }],
    hazards: ["drops an object"],
  };
  return [{ isTransaction, role: live.owner, statements: [statement] }];
}

/** The name of the leaf's part of a partitioned index, cut to what PostgreSQL keeps. */
export function leafIndexName(spec: IndexSpec, leaf: string): string {
  const suffix = `_${spec.name}`;
  const cut = (text: string, bytes: number): string => {
    let end = text;
    while (Buffer.byteLength(end) > bytes) end = end.slice(0, -1);
    return end;
  };
  const short = cut(suffix, 40);
  return cut(leaf, 63 - Buffer.byteLength(short)) + short;
}

function partitionedBuild(spec: IndexSpec, table: IndexedTable): Plan {
  const owner = { role: table.owner };
  const has = (schema: string, name: string): Leftover | undefined =>
    table.leftovers.find((leftover) => leftover.schema === schema && leftover.name === name);
  const steps: Step[] = [];
  const parents = table.below.filter((each) => each.isPartitioned);
  const shells = [
    { schema: spec.schema, name: spec.table, index: spec.name },
    ...parents.map((each) => ({ ...each, index: leafIndexName(spec, each.name) })),
  ].filter((each) => !has(each.schema, each.index));
  if (shells.length > 0) {
    const statements = shells.map((each) =>
      quickly(
        `${createIndex(spec)} ${quoteIdentifier(each.index)} ON ONLY ${target(spec, each.schema, each.name)}`,
        {
          locks: [{ mode: "SHARE", on: each }],
          hazards: ["blocks writes"],
        },
      ),
    );
    steps.push({ isTransaction: true, ...owner, statements });
  }
  // Children before parents: a parent's index turns valid when the last of its children is attached.
  for (const each of [...table.below].reverse()) {
    const index = leafIndexName(spec, each.name);
    const there = has(each.schema, index);
    if (!each.isPartitioned && there?.isValid !== true) {
      const dropping = there ? [dropLeftover(there)] : [];
      const statements = [...dropping, concurrentBuild(spec, each.schema, each.name, index)];
      steps.push({ isTransaction: false, ...owner, statements });
    }
    if (there?.isAttached === true) continue;
    const isTop = each.parentSchema === spec.schema && each.parent === spec.table;
    const above = qualify(each.parentSchema, isTop ? spec.name : leafIndexName(spec, each.parent));
    steps.push({
      isTransaction: true,
      ...owner,
      statements: [
        quickly(`ALTER INDEX ${above} ATTACH PARTITION ${qualify(each.schema, index)}`, {
          locks: [{ mode: "ACCESS EXCLUSIVE", on: { schema: each.schema, name: index } }],
        }),
      ],
    });
  }
  return steps;
}

function plainBuild(spec: IndexSpec): Statement {
  return quickly(
    `${createIndex(spec)} ${quoteIdentifier(spec.name)} ON ${target(spec, spec.schema, spec.table)}`,
    {
      locks: [{ mode: "SHARE", on: { schema: spec.schema, name: spec.table } }],
      scans: true,
      hazards: ["blocks writes"],
    },
  );
}

function concurrentBuild(spec: IndexSpec, schema: string, table: string, index: string): Statement {
  const build = `${createIndex(spec)} CONCURRENTLY ${quoteIdentifier(index)}`;
  return concurrently(`${build} ON ${target(spec, schema, table)}`, {
    locks: [{ mode: "SHARE UPDATE EXCLUSIVE", on: { schema, name: table } }],
    scans: true,
  });
}

function dropLeftover(leftover: Leftover): Statement {
  return concurrently(`DROP INDEX CONCURRENTLY ${qualify(leftover.schema, leftover.name)}`, {
    locks: [{ mode: "SHARE UPDATE EXCLUSIVE", on: leftover }],
    hazards: ["drops an object"],
  });
}

function createIndex(spec: IndexSpec): string {
  return `CREATE ${spec.unique === true ? "UNIQUE " : ""}INDEX`;
}

function target(spec: IndexSpec, schema: string, table: string): string {
  return `${qualify(schema, table)} USING ${spec.method ?? "btree"} (${spec.columns.map((key) => (typeof key === "string" ? quoteIdentifier(key) : "")).join(", ")})`;
}
