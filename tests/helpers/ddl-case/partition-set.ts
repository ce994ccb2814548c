import { z } from "zod";
import {
  partitionCatalog,
  partitionSetCatalog,
  type PartitionSetCatalog,
} from "../../../provider/pgddl/catalog.ts";
import { parsePartitionSet } from "../../../provider/pgddl/check/partition-set-check.ts";
import { toProperties } from "../../../provider/pgddl/plain-value.ts";
import { planSetDrop } from "../../../provider/pgddl/plan/partition-set-drop-plan.ts";
import type { SetFacts, SetTable } from "../../../provider/pgddl/plan/partition-set-facts.ts";
import { layoutOf } from "../../../provider/pgddl/plan/partition-set-layout.ts";
import { renderMark } from "../../../provider/pgddl/plan/partition-set-mark.ts";
import { ownMembers } from "../../../provider/pgddl/plan/partition-set-members.ts";
import { planPartitionSet } from "../../../provider/pgddl/plan/partition-set-plan.ts";
import type { PartitionSetSpec } from "../../../provider/pgddl/spec.ts";
import { specOf, type DdlCase, type Outcome } from "./case.ts";

/**
 * live.json: `keyType` (default date), `owner`, and `tables`: of each what is otherwise than "made by this set, of
 * the bound in its name". Without `tables` there are those that `before` makes.
 */
const liveFile = z.object({
  keyType: z.string().default("date"),
  parent: z.string().default("users"),
  tables: z
    .array(
      z.object({
        name: z.string(),
        from: z.string().optional(),
        to: z.string().optional(),
        isDefault: z.boolean().optional(),
        owner: z.string().default("shop_owner"),
        /** The set's mark is there unless this is false. */
        isMarked: z.boolean().default(true),
        markOf: z.string().optional(),
        comment: z.string().optional(),
        detachedOn: z.string().optional(),
        isDetached: z.boolean().optional(),
        isDetachPending: z.boolean().optional(),
        isMissing: z.boolean().optional(),
      }),
    )
    .optional(),
});
type LiveFile = z.infer<typeof liveFile>;

const aTable = z.object({ schema: z.string(), name: z.string() });
const factsFile = z.object({
  /** False: the parent is still to be made. */
  isThere: z.boolean().default(true),
  references: z.array(aTable).default([]),
  referencedBy: z
    .array(
      aTable.extend({
        constraint: z.string(),
        columns: z.array(z.string()),
        referencedColumns: z.array(z.string()),
      }),
    )
    .default([]),
  /** Tables in the way, by name. */
  strangers: z.array(z.string()).default([]),
  taken: z.array(z.string()).default([]),
});

export function partitionSetOutcome({ before, after, live, facts, answers }: DdlCase): Outcome {
  const known = before && specOf(parsePartitionSet(before));
  const wanted = after && specOf(parsePartitionSet(after));
  const spec = wanted ?? known;
  if (!spec) throw new Error("neither before nor after");
  const around = factsFile.parse(facts ?? {});
  const catalog = catalogOf(liveFile.parse(live), known);
  const own = ownMembers(catalog, [spec], known && withMissing(catalog));
  const setFacts = around.isThere ? factsOf(own, around) : undefined;
  if (!wanted) return planSetDrop(own, known, setFacts ?? factsOf(own, around), answers);
  const layout = layoutOf(own, wanted);
  return planPartitionSet({ live: own, wanted, layout, facts: setFacts, answers, before: known });
}

function catalogOf(
  { keyType, parent, tables }: LiveFile,
  known: PartitionSetSpec | undefined,
): PartitionSetCatalog {
  const self = { schema: "shop", name: parent };
  const base = {
    oid: "1",
    schema: "shop",
    parent,
    owner: "shop_owner",
    keyColumn: "at",
    keyType,
    members: [],
  };
  const madeBefore = known
    ? layoutOf({ ...base, others: [] }, known).missing.map(({ name, bound }) => ({
        name,
        from: bound.from[0],
        to: bound.to[0],
        owner: known.owner ?? "shop_owner",
        isMarked: true,
      }))
    : [];
  const rows: NonNullable<LiveFile["tables"]> = tables ?? madeBefore;
  const others = rows.map((row, at) => {
    const bound =
      row.isDefault === true ? { isDefault: true } : { from: [row.from ?? ""], to: [row.to ?? ""] };
    const { isMarked, detachedOn, comment: rest, markOf } = row;
    const mark =
      "from" in bound
        ? renderMark(markOf === undefined ? self : { schema: "shop", name: markOf }, {
            bound: { from: bound.from ?? [], to: bound.to ?? [] },
            ...(detachedOn !== undefined && { detachedOn }),
            ...(rest !== undefined && { rest }),
          })
        : undefined;
    return {
      ...{ schema: "shop", name: row.name, oid: String(100 + at), owner: row.owner, bound },
      comment: isMarked ? mark : rest,
      isDetachPending: row.isDetachPending,
      isDetached: row.isDetached ?? (detachedOn === undefined ? undefined : true),
      isMissing: row.isMissing,
    };
  });
  return partitionSetCatalog.parse(toProperties({ ...base, others }));
}

/** What the state knows: the missing, and those whose mark has a former name. */
function withMissing(catalog: PartitionSetCatalog): PartitionSetCatalog {
  const isKnown = (comment: string | undefined): boolean =>
    comment?.startsWith("pgddl partition set ") === true;
  return {
    ...catalog,
    members: catalog.others.filter((each) => each.isMissing === true || isKnown(each.comment)),
  };
}

function factsOf(live: PartitionSetCatalog, around: z.infer<typeof factsFile>): SetFacts {
  const { references, referencedBy, strangers, taken } = around;
  const all = [...live.members, ...live.others].filter((each) => each.isMissing !== true);
  const tables = new Map<string, SetTable>(
    all.map((each) => {
      const { schema, name, oid, owner, comment, bound, isDetachPending = false } = each;
      const attached =
        each.isDetached === true
          ? undefined
          : { parentSchema: live.schema, parent: live.parent, bound, isDetachPending };
      const table = partitionCatalog.parse(toProperties({ schema, name, oid, owner, comment, attached }));
      const member = {
        isPartitioned: false,
        references: attached ? [] : references,
        hasCheck: false,
        misfits: [],
      };
      return [name, { live: table, member }];
    }),
  );
  for (const name of strangers) {
    const table = { oid: "9", schema: live.schema, name, owner: "other_owner" };
    tables.set(name, {
      live: table,
      member: { isPartitioned: false, references: [], hasCheck: false, misfits: [] },
    });
  }
  return {
    parent: {
      ...{
        schema: live.schema,
        name: live.parent,
        owner: live.owner,
        strategy: "range",
        references,
        referencedBy,
      },
      key: [{ name: live.keyColumn, type: live.keyType }],
      columns: ["id", live.keyColumn],
      primaryKey: ["id", live.keyColumn],
      siblings: all
        .filter((each) => each.isDetached !== true)
        .map(({ schema, name, bound, isDetachPending = false }) => ({
          schema,
          name,
          bound,
          isDetachPending,
        })),
    },
    tables,
    taken,
  };
}
