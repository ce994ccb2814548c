import type { Client } from "pg";
import { z } from "zod";
import { schemaName } from "../../../lib/commerce-model.ts";
import { qualify } from "../../../lib/identifier.ts";
import { parseRangeBound } from "../../../lib/range-bound.ts";
import type { Check } from "../check.ts";

/** The partitions of a table, the leaves under each (itself, when it has none), and its bound. */
const partitionsSql = `
  SELECT p.relname AS name, pg_get_expr(p.relpartbound, p.oid) AS bound,
    (SELECT array_agg(t.relid::regclass::text ORDER BY t.relid::regclass::text)
     FROM pg_partition_tree(p.oid) t WHERE t.isleaf) AS leaves
  FROM pg_inherits i
  JOIN pg_class p ON p.oid = i.inhrelid
  WHERE i.inhparent = $1::regclass
  ORDER BY p.relname`;

const explainSql = `
  EXPLAIN (FORMAT JSON, VERBOSE) SELECT user_id FROM ${qualify(schemaName, "users")}
  WHERE registration_date >= $1::timestamp AND registration_date < $2::timestamp`;

interface Partition {
  readonly name: string;
  readonly bound: string;
  readonly leaves: readonly string[];
}

export const partitionPruning: Check = {
  name: "partition-pruning",
  title: "A query on one partition's range scans that partition alone",
  endpoint: "ro",
  run: (context) =>
    context.transaction("ro", "reporting", "snapshot", async (client) => {
      // Names in the answers are then qualified throughout.
      await client.query("SET LOCAL search_path TO pg_catalog");
      const table = qualify(schemaName, "users");
      const { rows: partitions } = await client.query<Partition>(partitionsSql, [table]);
      const ranges = partitions.flatMap((partition) => {
        const bound = parseRangeBound(partition.bound);
        if (!bound || bound === "default" || bound.from === undefined || bound.to === undefined) return [];
        return [{ ...partition, from: bound.from, to: bound.to }];
      });
      const leaves = partitions.flatMap((partition) => partition.leaves).sort();
      const [first] = ranges;
      if (!first || leaves.length < 2) {
        return {
          faults: [`users has ${leaves.length} partitions: there is nothing to leave out`],
          detail: "",
        };
      }
      const faults: string[] = [];
      for (const range of ranges) {
        const scanned = await scannedRelations(client, range.from, range.to);
        if (scanned.join() !== [...range.leaves].sort().join()) {
          faults.push(`the range of ${range.name} scans ${scanned.join(", ")}`);
        }
      }
      // The control: if all leaves were not scanned now, the plans above would prove nothing.
      await client.query("SET LOCAL enable_partition_pruning TO off");
      await client.query("SET LOCAL constraint_exclusion TO off");
      const control = await scannedRelations(client, first.from, first.to);
      if (control.join() !== leaves.join()) {
        faults.push(
          `with pruning off, the range of ${first.name} scans ${control.join(", ")} and not every partition`,
        );
      }
      return {
        faults,
        detail: `each of ${ranges.length} ranges scans its own partition; with pruning off all ${control.length}`,
      };
    }),
};

async function scannedRelations(client: Client, from: string, to: string): Promise<string[]> {
  const { rows } = await client.query<{ "QUERY PLAN": unknown }>(explainSql, [from, to]);
  return relationsOf(rows[0]?.["QUERY PLAN"]).sort();
}

const planNode = z.looseObject({
  "Relation Name": z.string().optional(),
  Schema: z.string().optional(),
  Plans: z.array(z.unknown()).optional(),
});

/** The relations that a plan of EXPLAIN (FORMAT JSON, VERBOSE) scans, as `schema.name`. */
export function relationsOf(explained: unknown): string[] {
  const [{ Plan: root }] = z.tuple([z.looseObject({ Plan: z.unknown() })]).parse(explained);
  const walk = (node: unknown): string[] => {
    const { "Relation Name": name, Schema: schema, Plans: plans = [] } = planNode.parse(node);
    return [...(name === undefined ? [] : [`${schema ?? "?"}.${name}`]), ...plans.flatMap(walk)];
  };
  return walk(root);
}
