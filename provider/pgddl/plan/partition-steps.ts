import { qualify, quoteIdentifier } from "../../../lib/identifier.ts";
import type { BoundSpec, PartitionBySpec, StorageSpec } from "../spec.ts";
import { boundSql } from "./bound.ts";
import { predicateOf } from "./bound-predicate.ts";
import { defaultOf, newMember, type MemberFacts, type ParentFacts } from "./partition-facts.ts";
import {
  atLength,
  briefly,
  concurrently,
  quickly,
  type Size,
  type Statement,
  type Step,
  type TableName,
} from "./statement.ts";
import { moveStatements } from "./partition-move.ts";
import { partitionBySql } from "./partition-by-sql.ts";
import { rewriteLimitRows } from "./question.ts";
import { storageSql } from "./storage-plan.ts";
import { isSameTable, lock, strongest } from "./table-locks.ts";

/** The constraint that proves a bound while a table is attached; dropped with the attach. */
export const boundCheckName = "pgddl_partition_bound";

/** A table to attach, or to detach, and what is known of both sides. */
export interface Membership {
  readonly parent: TableName;
  /** Undefined in a preview in which the parent is still to be made. */
  readonly facts: ParentFacts | undefined;
  readonly partition: TableName;
  readonly bound: BoundSpec;
  /** Who owns the partition, or is to. */
  readonly role: string | undefined;
}

/** What becomes of an attach beyond the bound. */
export interface AttachOptions {
  /** Absent: the table is made, like its parent. */
  readonly existing?: ExistingTable;
  readonly partitionBy?: PartitionBySpec | undefined;
  readonly storage?: StorageSpec;
  /** Whether rows of the bound are taken out of the default partition. */
  readonly isFilledFromDefault?: boolean;
  readonly defaultSize?: Size | undefined;
  /** Further statements of the transaction that attaches. */
  readonly before?: readonly Statement[];
  readonly after?: readonly Statement[];
}

export interface ExistingTable extends MemberFacts {
  /** Whether reading all of it under an exclusive lock would be felt. */
  readonly isBig: boolean;
  readonly size?: Size | undefined;
}

/**
 * Attaches a partition, new or existing. A big table is read beforehand, while it can be written: the attach then
 * finds the bound proven by a CHECK. The default partition, where there is one, is read under its lock: a CHECK on
 * it would turn away rows that it has to take until then.
 */
export function attachSteps(membership: Membership, options: AttachOptions = {}): readonly Step[] {
  const { partition, role } = membership;
  const { existing, before = [], after = [] } = options;
  const withRole = role === undefined ? {} : { role };
  const transaction = (...statements: readonly Statement[]): Step => ({
    isTransaction: true,
    ...withRole,
    statements,
  });
  if (!existing) {
    const move = options.isFilledFromDefault === true ? moveStatements(membership, options) : undefined;
    return [
      transaction(
        ...(move?.locks ?? []),
        createLike(membership, options),
        ...(move?.statements ?? []),
        ...before,
        attach(membership, options, newMember),
        ...after,
      ),
    ];
  }
  const table = qualify(partition.schema, partition.name);
  const check = quoteIdentifier(boundCheckName);
  const on = { withPartitions: existing.isPartitioned };
  const dropCheck = briefly(`ALTER TABLE ${table} DROP CONSTRAINT ${check}`, partition, on);
  if (!existing.isBig) {
    const leftover = existing.hasCheck ? [dropCheck] : [];
    return [transaction(...before, ...leftover, attach(membership, options, existing), ...after)];
  }
  const predicate = predicateOf(membership.bound, {
    columns: membership.facts?.key.map(({ name }) => name) ?? [],
    parent: membership.parent,
    siblings: membership.facts?.siblings.map(({ bound }) => bound) ?? [],
  });
  return [
    transaction(
      ...(existing.hasCheck ? [dropCheck] : []),
      briefly(`ALTER TABLE ${table} ADD CONSTRAINT ${check} CHECK (${predicate}) NOT VALID`, partition, on),
    ),
    transaction(
      atLength(`ALTER TABLE ${table} VALIDATE CONSTRAINT ${check}`, {
        locks: [lock("SHARE UPDATE EXCLUSIVE", partition, existing.isPartitioned)],
        scans: true,
        ...(existing.size && { size: existing.size }),
      }),
    ),
    transaction(...before, attach(membership, options, existing), dropCheck, ...after),
  ];
}

/**
 * Detaches a partition and leaves its rows where they are. Concurrently, which stops nobody who uses the parent,
 * unless there is a default partition: PostgreSQL refuses that.
 * @param isDetachPending a concurrent detach was cut off and is to be ended
 */
export function detachSteps(
  membership: Membership,
  member: MemberFacts,
  { isDetachPending = false, after = [] }: { isDetachPending?: boolean; after?: readonly Statement[] } = {},
): readonly Step[] {
  const withRole = membership.role === undefined ? {} : { role: membership.role };
  const finish: readonly Step[] =
    after.length === 0 ? [] : [{ isTransaction: true, ...withRole, statements: after }];
  if (isDetachPending) {
    return [
      {
        isTransaction: true,
        ...withRole,
        statements: [detachStatement(membership, member, "FINALIZE"), ...after],
      },
    ];
  }
  if (membership.facts && !defaultOf(membership.facts)) {
    const statement = detachStatement(membership, member, "CONCURRENTLY");
    return [{ isTransaction: false, ...withRole, statements: [statement] }, ...finish];
  }
  return [{ isTransaction: true, ...withRole, statements: [detachStatement(membership, member), ...after] }];
}

/** ALTER TABLE … DETACH PARTITION. @param how absent: at once, inside a transaction */
export function detachStatement(
  { parent, partition, facts }: Membership,
  member: MemberFacts,
  how?: "CONCURRENTLY" | "FINALIZE",
): Statement {
  const sql = `ALTER TABLE ${qualify(parent.schema, parent.name)} DETACH PARTITION ${qualify(partition.schema, partition.name)}`;
  const fallback = facts && defaultOf(facts);
  const isDefault = fallback?.schema === partition.schema && fallback.name === partition.name;
  const felt = strongest([
    lock(how === undefined ? "ACCESS EXCLUSIVE" : "SHARE UPDATE EXCLUSIVE", parent),
    lock("ACCESS EXCLUSIVE", partition, member.isPartitioned),
    ...(fallback && !isDefault ? [lock("ACCESS EXCLUSIVE", fallback)] : []),
    ...(facts?.references ?? []).map((table) => lock("SHARE ROW EXCLUSIVE", table, true)),
    ...(facts?.referencedBy ?? []).map((table) => lock("ACCESS EXCLUSIVE", table)),
  ]);
  if (how === "CONCURRENTLY") {
    const isLinked = felt.length > 2;
    // In its second half it waits for whoever uses a linked table, and all others then wait behind it.
    return concurrently(`${sql} CONCURRENTLY`, { locks: felt, ...(isLinked && { lockTimeoutMs: 5_000 }) });
  }
  const rest = { locks: felt, hazards: ["blocks reads and writes" as const] };
  return quickly(how === undefined ? sql : `${sql} FINALIZE`, rest);
}

function attach(membership: Membership, options: AttachOptions, member: MemberFacts): Statement {
  const { parent, partition, bound, facts } = membership;
  const { existing, defaultSize } = options;
  const fallback = facts && defaultOf(facts);
  const isMade = existing === undefined;
  // Foreign keys of the table itself become part of the parent's, and their triggers go.
  const isMerged = (table: TableName): boolean => member.references.some((each) => isSameTable(each, table));
  const felt = strongest([
    lock("SHARE UPDATE EXCLUSIVE", parent),
    ...(isMade ? [] : [lock("ACCESS EXCLUSIVE", partition, member.isPartitioned)]),
    ...(fallback ? [lock("ACCESS EXCLUSIVE", fallback, true)] : []),
    ...(facts?.references ?? []).map((table) =>
      lock(isMerged(table) ? "ACCESS EXCLUSIVE" : "SHARE ROW EXCLUSIVE", table, true),
    ),
    ...(facts?.referencedBy ?? []).map((table) => lock("SHARE ROW EXCLUSIVE", table)),
  ]);
  // What the table lacks of the parent's indexes is built, and of its foreign keys checked.
  const isWhole = member.lacksIndexes !== true && (facts?.references ?? []).every(isMerged);
  const isRead = existing !== undefined && !(existing.isBig && isProvable(membership) && isWhole);
  const scans = fallback !== undefined || isRead;
  const size = fallback ? defaultSize : existing?.size;
  const isDefaultBig = fallback !== undefined && !(defaultSize && defaultSize.rows <= rewriteLimitRows);
  const isLong = isDefaultBig || (isRead && existing.isBig);
  const rest: Partial<Statement> = {
    locks: felt,
    ...(scans && { scans, ...(size && { size }) }),
    hazards: [
      ...(fallback || !isMade ? ["blocks reads and writes" as const] : []),
      ...(isLong ? ["takes long on a big table" as const] : []),
    ],
  };
  const sql = `ALTER TABLE ${qualify(parent.schema, parent.name)} ATTACH PARTITION ${qualify(partition.schema, partition.name)} ${boundSql(bound)}`;
  return isLong ? atLength(sql, rest) : quickly(sql, rest);
}

/** Whether ATTACH takes a CHECK for a proof. The hash of a column with a collation is written in no CHECK as it is in the bound. */
function isProvable({ bound, facts }: Membership): boolean {
  if (!("modulus" in bound)) return true;
  return facts?.key.every(({ type }) => !/^(?:text|character|"char"|citext)/.test(type)) ?? false;
}

function createLike(
  { parent, partition }: Membership,
  { partitionBy, storage = {} }: AttachOptions,
): Statement {
  const sql = [
    `CREATE${storage.unlogged === true ? " UNLOGGED" : ""} TABLE ${qualify(partition.schema, partition.name)}`,
    // Identity stays out: PostgreSQL attaches no table that has an identity of its own.
    ` (LIKE ${qualify(parent.schema, parent.name)} INCLUDING ALL EXCLUDING IDENTITY)`,
    partitionBySql(partitionBy),
    storageSql(storage),
  ];
  return quickly(sql.join(""));
}
