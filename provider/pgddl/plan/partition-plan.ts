import { qualify } from "../../../lib/identifier.ts";
import { boundSql } from "./bound.ts";
import type { PartitionCatalog } from "../catalog.ts";
import type { Difference, Refusal } from "./difference.ts";
import type { BoundSpec, PartitionSpec } from "../spec.ts";
import { briefly, quickly, type Plan } from "./statement.ts";
import { drop, lockAndLook, partitionBySql } from "./table-create-plan.ts";
import { ownerStatement, partitionText } from "./table-options-plan.ts";

/** What there is of the parent that a plan depends on. */
export interface ParentFacts {
  readonly owner: string;
  readonly hasDefault: boolean;
}

/**
 * Makes the partition beside its parent and attaches it, in one transaction. PARTITION OF would lock the parent
 * against reads too.
 * @param parent undefined in a preview in which the parent is still to be made
 */
export function planPartitionCreate(spec: PartitionSpec, parent: ParentFacts | undefined): Plan {
  const table = qualify(spec.schema, spec.name);
  const parentSchema = spec.parentSchema ?? spec.schema;
  const above = qualify(parentSchema, spec.parent);
  const role = spec.owner ?? parent?.owner;
  const isScanned = parent?.hasDefault === true && !("isDefault" in spec.bound);
  return [
    {
      isTransaction: true,
      ...(role !== undefined && { role }),
      statements: [
        // Identity stays out: PostgreSQL attaches no table that has an identity of its own.
        quickly(
          `CREATE TABLE ${table} (LIKE ${above} INCLUDING ALL EXCLUDING IDENTITY)${partitionBySql(spec.partitionBy)}`,
        ),
        quickly(`ALTER TABLE ${above} ATTACH PARTITION ${table} ${boundSql(spec.bound)}`, {
          locks: [{ mode: "SHARE UPDATE EXCLUSIVE", on: { schema: parentSchema, name: spec.parent } }],
          scans: isScanned,
        }),
      ],
    },
  ];
}

/** @param wanted its bound in the catalogue's words */
export function planPartitionChange(live: PartitionCatalog, wanted: PartitionSpec): Difference {
  const refusals: Refusal[] = [];
  const refuse = (path: string, from: string, to: string, why: string, hint: string): void => {
    if (from !== to) refusals.push({ path, from, to, why, hint });
  };
  const parent = formatTable(wanted.parentSchema ?? wanted.schema, wanted.parent);
  const attached = live.attached;
  const rename = "Rename it by hand, import it under its new name, and forget the old resource.";
  refuse("schema", live.schema, wanted.schema, "a partition is not moved to another schema", rename);
  refuse("name", live.name, wanted.name, "a partition is not renamed", rename);
  if (!attached) {
    refuse(
      "parent",
      "detached",
      parent,
      "the table is no partition any more, and attaching it reads all its rows",
      `Attach it by hand (ALTER TABLE ${qualify(wanted.parentSchema ?? wanted.schema, wanted.parent)} ATTACH PARTITION ${qualify(live.schema, live.name)} …) and refresh, or forget it: \`pulumi state delete\`.`,
    );
  } else {
    const own = qualify(live.schema, live.name);
    const above = qualify(attached.parentSchema, attached.parent);
    refuse(
      "parent",
      formatTable(attached.parentSchema, attached.parent),
      parent,
      "a partition is not moved to another parent",
      "Declare a partition of the other table, and copy the rows.",
    );
    refuse(
      "bound",
      boundSql(sorted(attached.bound)),
      boundSql(sorted(wanted.bound)),
      "rows may lie outside the new bound, and PostgreSQL cannot change a bound in place",
      "Keep the bound; cover another range by another partition.",
    );
    if (attached.isDetachPending) {
      refuse(
        "parent",
        "half detached",
        parent,
        "a concurrent detach was cut off: its rows cannot be seen through the parent",
        `End it by hand: ALTER TABLE ${above} DETACH PARTITION ${own} FINALIZE; then refresh.`,
      );
    }
  }
  refuse(
    "partitionBy",
    partitionText(live.partitionBy),
    partitionText(wanted.partitionBy),
    "PostgreSQL cannot change how a table that exists is partitioned",
    "Declare a new partition that is partitioned as wanted, and copy the rows.",
  );
  const isOwnerNew = wanted.owner !== undefined && wanted.owner !== live.owner;
  return {
    changes: [
      ...(isOwnerNew ? [{ path: "owner", kind: "update" as const }] : []),
      ...refusals.map(({ path }) => ({ path, kind: "update" as const })),
    ],
    refusals,
    warnings: [],
    plan:
      isOwnerNew && refusals.length === 0
        ? [{ isTransaction: true, statements: [ownerStatement(live, wanted.owner)] }]
        : [],
  };
}

/** Detaches and drops it, and only if it is empty. */
export function planPartitionDrop(live: PartitionCatalog): Plan {
  const table = qualify(live.schema, live.name);
  const { attached } = live;
  const parent = attached && { schema: attached.parentSchema, name: attached.parent };
  const above = parent && qualify(parent.schema, parent.name);
  const finalize = attached?.isDetachPending === true ? " FINALIZE" : "";
  const statements = [
    // The parent first, as DETACH would: taken the other way round, two sessions could wait for each other.
    ...(parent && above !== undefined
      ? [briefly(`LOCK TABLE ONLY ${above} IN ACCESS EXCLUSIVE MODE`, parent)]
      : []),
    ...lockAndLook(live),
    ...(parent && above !== undefined
      ? [briefly(`ALTER TABLE ${above} DETACH PARTITION ${table}${finalize}`, parent)]
      : []),
    drop(live, []),
  ];
  return [{ isTransaction: true, role: live.owner, statements }];
}

/** The order of a list bound's values means nothing. */
function sorted(bound: BoundSpec): BoundSpec {
  return "in" in bound ? { in: [...bound.in].sort() } : bound;
}

function formatTable(schema: string, name: string): string {
  return `${schema}.${name}`;
}
